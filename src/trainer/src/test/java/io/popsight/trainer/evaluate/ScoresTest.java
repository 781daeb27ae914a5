package io.popsight.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Threshold and calibration on detections whose chances are known. */
class ScoresTest {

  private static final BoundingBox BOX = new BoundingBox(0, 0, 10, 10);
  private static final BoundingBox ELSEWHERE = new BoundingBox(50, 50, 60, 60);
  private static final List<String> LABELS = List.of("cell", "absent");

  @Test
  void bestScore_liesBetweenTheRightAndTheWrong() {
    List<DetectedPhoto> photos = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      photos.add(photo(0.6f + 0.03f * i, true));
      photos.add(photo(0.1f + 0.03f * i, false));
    }

    BestScore best = BestScore.of(photos, LABELS);

    assertThat(best.minScore()).isBetween(0.38f, 0.6f);
    // Ten found of twenty, all of them right.
    assertThat(best.f1()).isCloseTo(2 * 10 / (10 + 20.0), within(1e-9));
  }

  @Test
  void calibration_learnsHowOftenAScoreIsRight_andKeepsTheOrder() {
    Random random = new Random(3);
    List<DetectedPhoto> photos = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      double logit = 2 * random.nextGaussian();
      double chance = 1 / (1 + Math.exp(-(0.5 * logit - 1)));
      photos.add(photo(sigmoid(logit), random.nextDouble() < chance));
    }

    ScoreCalibration fitted = ScoreCalibration.fit(photos, LABELS);

    assertThat(fitted.factors()[0]).isCloseTo(0.5f, within(0.06f));
    assertThat(fitted.shifts()[0]).isCloseTo(-1, within(0.1f));
    assertThat(fitted.factors()[1]).isEqualTo(1);
    assertThat(fitted.shifts()[1]).isZero();
    List<DetectedPhoto> after = new ArrayList<>();
    for (DetectedPhoto photo : photos) {
      Detection d = photo.detections().getFirst();
      double logit = Math.log(d.score() / (1 - d.score()));
      float score = sigmoid(fitted.factors()[0] * logit + fitted.shifts()[0]);
      after.add(new DetectedPhoto(photo.photo(), List.of(new Detection(0, score, d.box()))));
    }
    assertThat(ScoreCalibration.error(photos, LABELS)).isGreaterThan(0.1);
    assertThat(ScoreCalibration.error(after, LABELS)).isLessThan(0.03);
    assertThat(new AveragePrecision(after, LABELS).measure().map50())
        .isCloseTo(new AveragePrecision(photos, LABELS).measure().map50(), within(1e-3));
  }

  @ParameterizedTest
  @CsvSource({"20, 0.05, 0.5", "40, 0.1, 0.8", "80, 0.1, 0.8", "300, 0.02, 0.9", "80, 0.9, 0.1"})
  void scoresFarOff_comeNearTheirChance(int boxes, float score, double chance) {
    Random random = new Random(4);
    List<DetectedPhoto> photos = new ArrayList<>();
    for (int i = 0; i < boxes; i++) {
      float around = score * (0.9f + 0.2f * random.nextFloat());
      photos.add(photo(around, i < chance * boxes));
    }

    ScoreCalibration fitted = ScoreCalibration.fit(photos, LABELS);

    double logit = Math.log(score / (1 - score));
    assertThat((double) sigmoid(fitted.factors()[0] * logit + fitted.shifts()[0]))
        .isCloseTo(chance, within(0.2));
  }

  private static float sigmoid(double logit) {
    return (float) (1 / (1 + Math.exp(-logit)));
  }

  private static DetectedPhoto photo(float score, boolean right) {
    return new DetectedPhoto(
        new LabeledPhoto(Path.of("a.jpg"), List.of(new GroundTruth(0, BOX, false))),
        List.of(new Detection(0, score, right ? BOX : ELSEWHERE)));
  }
}
