package io.popsight.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Worked by hand. Two photos, one class, three objects that count (A, B on the first photo, C on
 * the second) and one difficult (D). Detections by score:
 *
 * <pre>
 * .9 on A          right    precision 1/1   recall 1/3
 * .8 on A again    wrong    precision 1/2   recall 1/3
 * .7 on D          does not count
 * .6 on C          right    precision 2/3   recall 2/3
 * .5 on nothing    wrong    precision 2/4   recall 2/3
 * B is missed.
 * </pre>
 *
 * All-point: 1/3 * 1 + 1/3 * 2/3 = 5/9. Eleven-point: recalls 0 to 0.3 see 1, 0.4 to 0.6 see 2/3,
 * the rest 0: (4 * 1 + 3 * 2/3) / 11 = 6/11.
 */
class AveragePrecisionTest {

  private static final BoundingBox A = new BoundingBox(0, 0, 10, 10);
  private static final BoundingBox B = new BoundingBox(20, 0, 30, 10);
  private static final BoundingBox C = new BoundingBox(0, 0, 10, 20);
  private static final BoundingBox D = new BoundingBox(40, 40, 60, 60);

  private static final List<DetectedPhoto> PHOTOS =
      List.of(
          photo(
              List.of(truth(A, false), truth(B, false)),
              List.of(found(.9f, A), found(.8f, A), found(.5f, new BoundingBox(70, 70, 80, 80)))),
          photo(List.of(truth(C, false), truth(D, true)), List.of(found(.7f, D), found(.6f, C))));

  @Test
  void bothKinds_matchTheExampleWrittenOut() {
    EvaluationResult result = new AveragePrecision(PHOTOS, List.of("cell", "absent")).measure();

    assertThat(result.map50()).isCloseTo(5 / 9.0, within(1e-12));
    assertThat(result.map5011pt()).isCloseTo(6 / 11.0, within(1e-12));
    assertThat(result.map()).isCloseTo(5 / 9.0, within(1e-12));
    assertThat(result.perClass().getFirst().groundTruths()).isEqualTo(3);
    assertThat(result.perClass().getLast().groundTruths()).isZero();
  }

  @Test
  void looseBox_countsOnlyAtLowOverlap() {
    // Overlap of 8/10 with A: right at IoU .5 to .8, wrong above: 7 of 10 thresholds.
    List<DetectedPhoto> photos =
        List.of(photo(List.of(truth(A, false)), List.of(found(.9f, new BoundingBox(0, 0, 10, 8)))));

    EvaluationResult result = new AveragePrecision(photos, List.of("cell")).measure();

    assertThat(result.map50()).isEqualTo(1);
    assertThat(result.map()).isCloseTo(0.7, within(1e-9));
  }

  private static DetectedPhoto photo(List<GroundTruth> objects, List<Detection> detections) {
    return new DetectedPhoto(new LabeledPhoto(Path.of("a.jpg"), objects), detections);
  }

  private static GroundTruth truth(BoundingBox box, boolean difficult) {
    return new GroundTruth(0, box, difficult);
  }

  private static Detection found(float score, BoundingBox box) {
    return new Detection(0, score, box);
  }
}
