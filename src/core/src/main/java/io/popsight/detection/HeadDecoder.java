package io.popsight.detection;

import io.popsight.geometry.BoundingBox;
import io.popsight.geometry.Letterbox;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;
import java.util.ArrayList;
import java.util.List;

/**
 * Anchor-free decoding. Each cell of a head carries four distances and one logit a class. The
 * cell's centre is ((x + 0.5) * stride, (y + 0.5) * stride); a box reaches stride * exp(d) to the
 * left, top, right and bottom of it; it is a candidate for each class, scored by the logistic of
 * that class's logit. {@link StrictMath} makes the answer the same on every processor.
 */
final class HeadDecoder {

  /** Channels before the classes': the distances to the left, top, right and bottom. */
  private static final int FIRST_CLASS = 4;

  /** exp of this many strides is larger than any input: keeps a wild sum from overflowing a box. */
  private static final float MAX_LOG_DISTANCE = 7;

  /**
   * Lower scores are nobody's answer: without them a cell is a candidate for a few classes only.
   */
  private static final float LEAST_SCORE = 0.001f;

  private final ModelMetadata metadata;

  HeadDecoder(ModelMetadata metadata) {
    this.metadata = metadata;
  }

  /**
   * Candidates of one photo, of the lowest score or {@link #LEAST_SCORE} on.
   *
   * @param headSums integer sums a head, layout [N][rows][columns][channels]
   * @param photo index in the batch
   */
  List<Candidate> decode(int[][] headSums, int photo, Letterbox letterbox, float minScore) {
    List<Candidate> candidates = new ArrayList<>();
    int rank = 0;
    for (int h = 0; h < metadata.heads().size(); h++) {
      HeadMap head = metadata.heads().get(h);
      int cells = head.rows() * head.columns();
      decode(
          head,
          headSums[h],
          photo * cells * head.channels(),
          rank,
          letterbox,
          Math.max(minScore, LEAST_SCORE),
          candidates);
      rank += cells;
    }
    return candidates;
  }

  private static void decode(
      HeadMap head,
      int[] sums,
      int start,
      int rank,
      Letterbox letterbox,
      float minScore,
      List<Candidate> into) {
    int channels = head.channels();
    float minLogit = lowestLogit(minScore);
    for (int cell = 0; cell < head.rows() * head.columns(); cell++) {
      int at = start + cell * channels;
      if (highestLogit(head, sums, at) < minLogit) {
        continue;
      }
      BoundingBox box = box(head, sums, at, cell, letterbox);
      if (!(box.area() > 0)) {
        continue;
      }
      for (int c = FIRST_CLASS; c < channels; c++) {
        float logit = head.value(sums[at + c], c);
        if (logit < minLogit) {
          continue;
        }
        float score = (float) (1 / (1 + StrictMath.exp(-logit)));
        if (score >= minScore) {
          into.add(new Candidate(new Detection(c - FIRST_CLASS, score, box), rank + cell));
        }
      }
    }
  }

  private static float highestLogit(HeadMap head, int[] sums, int at) {
    float highest = Float.NEGATIVE_INFINITY;
    for (int c = FIRST_CLASS; c < head.channels(); c++) {
      highest = Math.max(highest, head.value(sums[at + c], c));
    }
    return highest;
  }

  private static BoundingBox box(HeadMap head, int[] sums, int at, int cell, Letterbox letterbox) {
    int stride = head.stride();
    int row = cell / head.columns();
    double x = (cell - row * head.columns() + 0.5) * stride;
    double y = (row + 0.5) * stride;
    return letterbox.toPhoto(
        x - stride * distance(head, sums, at, 0),
        y - stride * distance(head, sums, at, 1),
        x + stride * distance(head, sums, at, 2),
        y + stride * distance(head, sums, at, 3));
  }

  private static double distance(HeadMap head, int[] sums, int at, int side) {
    return StrictMath.exp(Math.min(head.value(sums[at + side], side), MAX_LOG_DISTANCE));
  }

  /** A little below the logit of the score: cheap first sieve, the exact one is on the score. */
  private static float lowestLogit(float score) {
    return score >= 1 ? 15 : (float) StrictMath.log(score / (1 - score)) - 0.01f;
  }
}
