package io.popsight.trainer.report;

import io.popsight.geometry.BoundingBox;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Annotator;
import io.popsight.imaging.Annotator.CaptionedBox;
import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.trainer.evaluate.ConfusionMatrix;
import io.popsight.trainer.evaluate.DetectedPhoto;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The photos on which a model does best and worst, what was marked beside what was found.
 *
 * @param labels class names
 * @param minScore lowest score shown
 */
record PhotoGallery(List<DetectedPhoto> photos, List<String> labels, float minScore) {

  private static final int SIDE = 360;
  private static final PhotoDecoder DECODER = new PhotoDecoder(PhotoLimits.DEFAULT);

  /**
   * A photo and how it went.
   *
   * @param right objects found under their name
   * @param wrong boxes on nothing, or under another name
   * @param missed objects not found
   */
  record Judged(DetectedPhoto photo, int right, int wrong, int missed) {
    double f1() {
      return 2.0 * right / Math.max(1, 2 * right + wrong + missed);
    }
  }

  /** The photos with the most objects found and the fewest mistakes. */
  List<Judged> best(int most) {
    return judged()
        .filter(j -> j.right() > 0)
        .sorted(
            Comparator.comparingDouble((Judged j) -> -j.f1())
                .thenComparingInt(j -> -j.right())
                .thenComparing(j -> j.photo().photo().photo()))
        .limit(most)
        .toList();
  }

  /** The photos with the most mistakes among those that went worst. */
  List<Judged> worst(int most) {
    return judged()
        .filter(j -> j.wrong() + j.missed() > 0)
        .sorted(
            Comparator.comparingDouble(Judged::f1)
                .thenComparingInt(j -> -j.wrong() - j.missed())
                .thenComparing(j -> j.photo().photo().photo()))
        .limit(most)
        .toList();
  }

  private Stream<Judged> judged() {
    return photos.stream().map(this::judge);
  }

  private Judged judge(DetectedPhoto photo) {
    int[][] counts = ConfusionMatrix.of(List.of(photo), labels, minScore).counts();
    int nothing = labels.size();
    int right = 0;
    int wrong = 0;
    int missed = 0;
    for (int truth = 0; truth <= nothing; truth++) {
      for (int found = 0; found <= nothing; found++) {
        if (found == nothing) {
          missed += counts[truth][found];
        } else if (truth == found) {
          right += counts[truth][found];
        } else {
          wrong += counts[truth][found];
        }
      }
    }
    return new Judged(photo, right, wrong, missed);
  }

  /** What a person marked, as JPEG. */
  byte[] marked(DetectedPhoto photo) {
    return drawn(photo, photo.objects().stream().map(object -> object.captioned(labels)).toList());
  }

  /** What was found, as JPEG. */
  byte[] found(DetectedPhoto photo) {
    return drawn(
        photo,
        photo.detections().stream()
            .filter(d -> d.score() >= minScore)
            .map(d -> CaptionedBox.of(d, labels))
            .toList());
  }

  private byte[] drawn(DetectedPhoto of, List<CaptionedBox> boxes) {
    try (Photo original = DECODER.decode(of.photo().photo())) {
      Letterbox box = Letterbox.fit(original.width(), original.height(), SIDE, SIDE);
      try (Photo small = Letterboxer.scaled(original, box)) {
        double x = (double) box.width() / original.width();
        double y = (double) box.height() / original.height();
        Annotator.draw(small, boxes.stream().map(b -> scaled(b, x, y)).toList());
        return PhotoEncoder.jpeg(small);
      }
    }
  }

  private static CaptionedBox scaled(CaptionedBox captioned, double x, double y) {
    BoundingBox b = captioned.box();
    return new CaptionedBox(
        captioned.classId(),
        new BoundingBox(
            (float) (b.xMin() * x),
            (float) (b.yMin() * y),
            (float) (b.xMax() * x),
            (float) (b.yMax() * y)),
        captioned.caption());
  }
}
