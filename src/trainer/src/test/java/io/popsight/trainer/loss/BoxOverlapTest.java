package io.popsight.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Overlaps against figures worked out by hand, and their gradients. */
class BoxOverlapTest {

  @ParameterizedTest
  @EnumSource(BoxOverlap.class)
  void sameBoxes_agreeWholly(BoxOverlap overlap) {
    assertThat(overlap(overlap, box(1, 2, 3, 4), box(1, 2, 3, 4))).isCloseTo(1, within(1e-5));
  }

  @ParameterizedTest
  @CsvSource({
    // 2x2 within 4x2, the same centre: IoU 1/2, no hull to waste; aspect ratios 1 and 2 differ by
    // 4/pi^2 * (atan 2 - atan 1)^2 = 0.04195, weighted by 0.04195 / (0.5 + 0.04195)
    "GENERALISED, 1,1,1,1, 2,1,2,1, 0.5",
    "COMPLETE,    1,1,1,1, 2,1,2,1, 0.49675",
    // 4x2 and 4x2, two apart: IoU 4/12, hull 12; centres 2 apart on a diagonal squared of 40
    "GENERALISED, 1,1,3,1, 3,1,1,1, 0.33333",
    "COMPLETE,    1,1,3,1, 3,1,1,1, 0.23333",
    // 3x1 across 1x3 at a corner: IoU 1/5, hull 9 of which 5 are filled
    "GENERALISED, 0.5,0.5,2.5,0.5, 0.5,0.5,0.5,2.5, -0.24444"
  })
  void differentBoxes_agreeAsWorkedOutByHand(
      BoxOverlap overlap,
      float left,
      float top,
      float right,
      float bottom,
      float otherLeft,
      float otherTop,
      float otherRight,
      float otherBottom,
      double expected) {
    Tensor box = box(left, top, right, bottom);
    Tensor other = box(otherLeft, otherTop, otherRight, otherBottom);

    assertThat(overlap(overlap, box, other)).isCloseTo(expected, within(1e-4));
    assertThat(overlap(overlap, other, box)).isCloseTo(expected, within(1e-4));
  }

  @ParameterizedTest
  @EnumSource(BoxOverlap.class)
  void climbingTheGradient_leadsToTheOtherBox(BoxOverlap overlap) {
    Tensor logs = torch.zeros(1, 4).requires_grad_(true);
    Tensor other = box(2, 0.5f, 3, 1.5f);
    for (int step = 0; step < 400; step++) {
      Tensor agreement = overlap.of(logs.exp(), other).sum();
      agreement.backward();
      logs = logs.detach().add(Tensors.times(logs.grad(), 0.1)).requires_grad_(true);
    }

    assertThat(overlap(overlap, logs.exp(), other)).isGreaterThan(0.85);
  }

  @Test
  void complete_pullsCentresTogether_whereTheOverlapDoesNotSay() {
    // A small box anywhere within a large one has the same IoU and the same hull.
    Tensor large = box(4, 4, 4, 4);
    Tensor central = box(1, 1, 1, 1);
    Tensor aside = box(0.1f, 0.1f, 1.9f, 1.9f);

    assertThat(overlap(BoxOverlap.GENERALISED, central, large))
        .isCloseTo(overlap(BoxOverlap.GENERALISED, aside, large), within(1e-5));
    assertThat(overlap(BoxOverlap.COMPLETE, central, large))
        .isGreaterThan(overlap(BoxOverlap.COMPLETE, aside, large) + 0.005);
  }

  private static Tensor box(float left, float top, float right, float bottom) {
    return Tensors.of(new float[] {left, top, right, bottom}, 1, 4);
  }

  private static double overlap(BoxOverlap overlap, Tensor box, Tensor other) {
    return overlap.of(box, other).item_float();
  }
}
