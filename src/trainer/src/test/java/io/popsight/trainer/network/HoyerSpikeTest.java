package io.popsight.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The method's check values and gradients. */
class HoyerSpikeTest {

  @BeforeEach
  void seed() {
    torch.manual_seed(1);
  }

  @Test
  void unitNormal_hasTheKnownExtremumRateAndHoyerValue() {
    HoyerSpike spike =
        new HoyerSpike(new Parameters(), "layer", 4, ThresholdScope.CHANNEL, Architectures.HOYER);

    Activation.Spikes spikes = spike.fire(torch.randn(64, 4, 64, 64), Statistics.OF_BATCH);

    assertThat(Tensors.toArray(spike.average())[0]).isCloseTo(0.8175f, within(0.002f));
    assertThat(spikes.values().mean().item_float()).isCloseTo(0.207f, within(0.002f));
    assertThat(spikes.hoyer().item_float() / spikes.units()).isCloseTo(0.386f, within(0.002f));
  }

  @Test
  void surrogate_isHalfBetweenZeroAndTwo() {
    Tensor potential = Tensors.of(new float[] {-1, 0.1f, 0.9f, 1.9f, 2.1f}, 1, 1, 1, 5);
    potential.requires_grad_(true);

    new HoyerSpike(new Parameters(), "layer", 1, ThresholdScope.CHANNEL, Architectures.HOYER)
        .fire(potential, Statistics.OF_BATCH)
        .values()
        .sum()
        .backward();

    assertThat(Tensors.toArray(potential.grad())).containsExactly(0, 0.5f, 0.5f, 0.5f, 0);
  }

  @Test
  void bfloat16_hasOnesAndGradientsOfFloat32() {
    Tensor potential = torch.randn(8, 4, 32, 32).to(torch.ScalarType.BFloat16);
    Tensor exact = Tensors.floats(potential).requires_grad_(true);
    Tensor rounded = potential.requires_grad_(true);

    Activation.Spikes of32 = fired(exact);
    Activation.Spikes of16 = fired(rounded);

    // The threshold itself is rounded: units at it may go either way.
    double changed = Tensors.floats(of16.values().ne(of32.values())).mean().item_double();
    assertThat(changed).isLessThan(0.003);
    assertThat(of16.hoyer().item_double())
        .isCloseTo(of32.hoyer().item_double(), within(0.01 * of32.hoyer().item_double()));
    float[] ofExact = Tensors.toArray(exact.grad());
    float[] ofRounded = Tensors.toArray(rounded.grad());
    for (int i = 0; i < ofExact.length; i++) {
      assertThat(ofRounded[i]).isCloseTo(ofExact[i], within(0.05f));
    }
  }

  private static Activation.Spikes fired(Tensor potential) {
    Activation.Spikes spikes =
        new HoyerSpike(new Parameters(), "layer", 4, ThresholdScope.CHANNEL, Architectures.HOYER)
            .fire(potential, Statistics.OF_BATCH);
    Tensors.floats(spikes.values()).sum().add(spikes.hoyer()).backward();
    return spikes;
  }

  @Test
  void regularizer_hasTheClosedFormGradient() {
    float[] z = {-0.5f, 0.2f, 0.6f, 0.9f, 1.5f};
    Tensor potential = Tensors.of(z, 1, 1, 1, 5).requires_grad_(true);

    new HoyerSpike(new Parameters(), "layer", 1, ThresholdScope.CHANNEL, Architectures.HOYER)
        .fire(potential, Statistics.OF_BATCH)
        .hoyer()
        .backward();

    // dH/dz = 2 (S1 / S2) (1 - z / E) on the clipped map, zero where the clip holds.
    double s1 = 0.2 + 0.6 + 0.9 + 1;
    double s2 = 0.04 + 0.36 + 0.81 + 1;
    float[] gradient = Tensors.toArray(potential.grad());
    for (int i = 1; i <= 3; i++) {
      double expected = 2 * s1 / s2 * (1 - z[i] / (s2 / s1));
      assertThat((double) gradient[i]).isCloseTo(expected, within(1e-5));
    }
    assertThat(gradient[0]).isZero();
    assertThat(gradient[4]).isZero();
  }

  @Test
  void regularizer_pushesTheNormaliserUp() {
    Parameters parameters = new Parameters();
    HoyerSpike spike =
        new HoyerSpike(parameters, "layer", 2, ThresholdScope.CHANNEL, Architectures.HOYER);

    spike.fire(torch.randn(8, 2, 16, 16), Statistics.OF_BATCH).hoyer().backward();

    Tensor v = java.util.Objects.requireNonNull(parameters.all().get("layer.v"));
    assertThat(Tensors.toArray(v.grad())[0]).isNegative();
  }

  @Test
  void deadChannel_neitherFiresNorFeedsTheAverage() {
    HoyerSpike spike =
        new HoyerSpike(new Parameters(), "layer", 1, ThresholdScope.CHANNEL, Architectures.HOYER);

    Activation.Spikes spikes =
        spike.fire(Tensors.times(torch.ones(1, 1, 4, 4), -1), Statistics.OF_BATCH);

    assertThat(spikes.values().sum().item_float()).isZero();
    assertThat(Tensors.toArray(spike.average())[0]).isEqualTo(1);
  }

  @Test
  void firstBatch_correctsTheAverage() {
    HoyerSpike spike =
        new HoyerSpike(new Parameters(), "layer", 1, ThresholdScope.CHANNEL, Architectures.HOYER);

    spike.fire(Tensors.of(new float[] {0.5f, 1}, 1, 1, 1, 2), Statistics.OF_BATCH);

    assertThat(Tensors.toArray(spike.average())[0]).isCloseTo(1.25f / 1.5f, within(1e-6f));
  }

  @Test
  void layerScope_hasOneExtremumOfAllChannels() {
    HoyerSpike spike =
        new HoyerSpike(new Parameters(), "layer", 2, ThresholdScope.LAYER, Architectures.HOYER);
    Tensor potential = Tensors.of(new float[] {0.2f, 0.4f, 0.6f, 0.8f}, 1, 2, 1, 2);

    Activation.Spikes spikes = spike.fire(potential, Statistics.OF_BATCH);

    // E = (0.04 + 0.16 + 0.36 + 0.64) / 2 = 0.6
    assertThat(spike.thresholds()).hasSize(2).containsOnly(spike.thresholds()[0]);
    assertThat(spike.thresholds()[0]).isCloseTo(0.6, within(1e-6));
    assertThat(Tensors.toArray(spikes.values())[3]).isOne();
    assertThat(Tensors.toArray(spikes.values())[1]).isZero();
    assertThat(spikes.hoyer().item_float()).isCloseTo(4 / 1.2f, within(1e-5f));
  }

  @Test
  void regularizer_mayHaveAScopeOfItsOwn() {
    Tensor potential = Tensors.of(new float[] {0.2f, 0.4f, 0.6f, 0.8f}, 1, 2, 1, 2);

    // Of the layer (2.0)^2 / 1.2; of the channels (0.6)^2 / 0.2 and (1.4)^2 / 1.
    assertThat(hoyer(ThresholdScope.CHANNEL, RegularizerScope.LAYER, potential))
        .isCloseTo(4 / 1.2f, within(1e-5f));
    assertThat(hoyer(ThresholdScope.CHANNEL, RegularizerScope.EXTREMUM, potential))
        .isCloseTo(1.8f + 1.96f, within(1e-5f));
    assertThat(hoyer(ThresholdScope.LAYER, RegularizerScope.CHANNEL, potential))
        .isCloseTo(1.8f + 1.96f, within(1e-5f));
  }

  private static float hoyer(ThresholdScope extremum, RegularizerScope own, Tensor potential) {
    SpikeRule rule = new SpikeRule(false, 2, true, own, 1, 1, false);
    return new HoyerSpike(new Parameters(), "layer", 2, extremum, rule)
        .fire(potential, Statistics.OF_BATCH)
        .hoyer()
        .item_float();
  }

  @Test
  void fixedScope_firesAtTheClippingValue() {
    HoyerSpike spike =
        new HoyerSpike(new Parameters(), "layer", 1, ThresholdScope.FIXED, Architectures.HOYER);

    Activation.Spikes spikes =
        spike.fire(Tensors.of(new float[] {0.5f, 0.99f, 1, 2}, 1, 1, 1, 4), Statistics.OF_BATCH);

    assertThat(Tensors.toArray(spikes.values())).containsExactly(0, 0, 1, 1);
    assertThat(spike.thresholds()).containsExactly(1);
  }
}
