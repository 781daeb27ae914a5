package io.popsight.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withPrecision;

import io.popsight.geometry.BoundingBox;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonMaximumSuppressionTest {

  private static final DetectionLimits LIMITS = new DetectionLimits(0.1f, 0.5f, 100);

  @Test
  void fallenBoxes_moveTheKeptOneByTheirScores() {
    List<Detection> found =
        NonMaximumSuppression.suppress(
            List.of(
                candidate(0, 0.75f, 0, 0, 100, 100),
                candidate(0, 0.25f, 8, 4, 108, 96),
                candidate(0, 0.5f, 300, 0, 400, 100)),
            LIMITS);

    assertThat(found)
        .containsExactly(
            new Detection(0, 0.75f, new BoundingBox(2, 1, 102, 99)),
            new Detection(0, 0.5f, new BoundingBox(300, 0, 400, 100)));
  }

  @Test
  void votesOfLittleOverlapOrScore_orOfAnotherClass_areNotHeard() {
    BoundingBox first = new BoundingBox(0, 0, 100, 100);
    List<Detection> found =
        NonMaximumSuppression.suppress(
            List.of(
                candidate(0, 0.9f, 0, 0, 100, 100),
                // Falls, by an overlap of 0.54.
                candidate(0, 0.8f, 30, 0, 130, 100),
                candidate(0, 0.2f, 10, 0, 110, 100),
                candidate(1, 0.6f, 10, 0, 110, 100)),
            LIMITS);

    assertThat(found)
        .containsExactly(
            new Detection(0, 0.9f, first),
            new Detection(1, 0.6f, new BoundingBox(10, 0, 110, 100)));
  }

  @Test
  void votesBelowTheLowestScore_areHeardAllTheSame() {
    List<Detection> found =
        NonMaximumSuppression.suppress(
            List.of(candidate(0, 0.6f, 0, 0, 100, 100), candidate(0, 0.2f, 8, 0, 108, 100)),
            new DetectionLimits(0.5f, 0.5f, 100));

    assertThat(found).hasSize(1);
    assertThat(found.getFirst().box().xMin()).isEqualTo(2, withPrecision(1e-5f));
  }

  @Test
  void scoresOfZero_keepTheirBoxes() {
    BoundingBox box = new BoundingBox(1, 2, 3, 4);

    assertThat(
            NonMaximumSuppression.suppress(
                List.of(new Candidate(new Detection(0, 0, box), 0)),
                new DetectionLimits(0, 0.5f, 100)))
        .containsExactly(new Detection(0, 0, box));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void stricterLimits_takeBoxesAwayAndMoveNone(long seed) {
    Random random = new Random(seed);
    List<Candidate> candidates = crowd(random);
    List<Detection> all = NonMaximumSuppression.suppress(candidates, LIMITS);

    for (float minScore : new float[] {0.1f, 0.25f, 0.5f, 0.9f}) {
      DetectionLimits limits = new DetectionLimits(minScore, 0.5f, 100);
      List<Candidate> enough =
          candidates.stream().filter(c -> c.detection().score() >= limits.lowestVote()).toList();

      assertThat(NonMaximumSuppression.suppress(enough, limits))
          .isEqualTo(all.stream().filter(found -> found.score() >= minScore).toList());
    }
    for (int most : new int[] {1, 2, all.size()}) {
      assertThat(NonMaximumSuppression.suppress(candidates, new DetectionLimits(0.1f, 0.5f, most)))
          .isEqualTo(all.subList(0, most));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void theOrderOfCandidates_doesNotShow(long seed) {
    Random random = new Random(seed);
    List<Candidate> candidates = crowd(random);
    List<Detection> before = NonMaximumSuppression.suppress(candidates, LIMITS);

    Collections.shuffle(candidates, random);

    assertThat(NonMaximumSuppression.suppress(candidates, LIMITS)).isEqualTo(before);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void nothingFallsByAnOverlapOfOne(long seed) {
    List<Candidate> candidates = crowd(new Random(seed));

    assertThat(NonMaximumSuppression.suppress(candidates, new DetectionLimits(0, 1, 10_000)))
        .containsExactlyInAnyOrderElementsOf(
            candidates.stream().map(Candidate::detection).toList());
  }

  /** Boxes around a few objects of two classes, many of which see the same one. */
  private static List<Candidate> crowd(Random random) {
    List<Candidate> candidates = new ArrayList<>();
    for (int rank = 0; rank < 300; rank++) {
      float x = 60 * random.nextInt(5) + 20 * random.nextFloat();
      float y = 60 * random.nextInt(5) + 20 * random.nextFloat();
      BoundingBox box =
          new BoundingBox(x, y, x + 80 + 20 * random.nextFloat(), y + 80 + 20 * random.nextFloat());
      float score = random.nextInt(1, 64) / 64f;
      candidates.add(new Candidate(new Detection(random.nextInt(2), score, box), rank));
    }
    return candidates;
  }

  private static Candidate candidate(
      int classId, float score, float xMin, float yMin, float xMax, float yMax) {
    return new Candidate(new Detection(classId, score, new BoundingBox(xMin, yMin, xMax, yMax)), 0);
  }
}
