package io.popsight.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients against finite differences where the function has any, else against the estimator. */
class GradientsTest {

  private static final double STEP = 1e-2;

  @BeforeEach
  void seed() {
    torch.manual_seed(3);
  }

  @Test
  void regularizer_ofPotential_agreesWithFiniteDifferences() {
    Tensor potential = torch.randn(2, 3, 4, 4);
    Tensor analytic = potential.clone().requires_grad_(true);
    hoyer(analytic).backward();
    float[] gradient = Tensors.toArray(analytic.grad());

    float[] values = Tensors.toArray(potential);
    for (int i = 0; i < values.length; i++) {
      if (Math.abs(values[i]) < STEP || Math.abs(values[i] - 1) < STEP) {
        continue; // the clip has a corner here
      }
      double difference = difference(values, i, v -> hoyer(shaped(v)).item_float());
      assertThat((double) gradient[i]).as("unit %d", i).isCloseTo(difference, within(0.02));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.4, 1, 2.5})
  void regularizer_ofNormaliser_agreesWithFiniteDifferences(double v) {
    Parameters parameters = new Parameters();
    HoyerSpike spike =
        new HoyerSpike(parameters, "layer", 3, ThresholdScope.CHANNEL, Architectures.HOYER);
    Tensor normaliser = Objects.requireNonNull(parameters.trained().get("layer.v"));
    set(normaliser, v);
    // Away from the clip's corners, at any of the normalisers.
    Tensor potential = Tensors.plus(Tensors.times(torch.rand(2, 3, 4, 4), 0.3), 0.05);

    spike.fire(potential, Statistics.OF_BATCH).hoyer().backward();

    double step = 1e-3;
    double difference = (hoyer(potential, v + step) - hoyer(potential, v - step)) / (2 * step);
    assertThat((double) Tensors.toArray(normaliser.grad())[0])
        .isCloseTo(difference, within(0.02 + 0.01 * Math.abs(difference)));
  }

  @Test
  void normaliser_ofSpikes_hasTheSurrogatesGradient() {
    Parameters parameters = new Parameters();
    HoyerSpike spike =
        new HoyerSpike(parameters, "layer", 1, ThresholdScope.CHANNEL, Architectures.HOYER);
    Tensor normaliser = Objects.requireNonNull(parameters.trained().get("layer.v"));
    double v = 1.5;
    set(normaliser, v);
    float[] u = {-1, 0.3f, 1.2f, 2.7f, 3.3f};
    float[] factor = {1, -2, 3, 0.5f, 7};

    spike
        .fire(Tensors.of(u, 1, 1, 1, 5), Statistics.OF_BATCH)
        .values()
        .mul(Tensors.of(factor, 1, 1, 1, 5))
        .sum()
        .backward();

    // do/dv = do/dz * dz/dv = 0.5 [0 < u / v < 2] * -u / v^2
    double expected = 0;
    for (int i = 0; i < u.length; i++) {
      expected += u[i] > 0 && u[i] < 2 * v ? factor[i] * 0.5 * -u[i] / (v * v) : 0;
    }
    assertThat((double) Tensors.toArray(normaliser.grad())[0]).isCloseTo(expected, within(1e-5));
  }

  @Test
  void narrowWindow_passesNoGradientFromItsEndOn() {
    HoyerSpike spike =
        new HoyerSpike(
            new Parameters(),
            "layer",
            1,
            ThresholdScope.CHANNEL,
            new SpikeRule(false, 1, true, RegularizerScope.EXTREMUM, 1, 1, false));
    Tensor potential = Tensors.of(new float[] {-1, 0.3f, 0.9f, 1.2f, 2.7f}, 1, 1, 1, 5);
    potential.requires_grad_(true);

    spike.fire(potential, Statistics.OF_BATCH).values().sum().backward();

    assertThat(Tensors.toArray(potential.grad())).containsExactly(0, 0.5f, 0.5f, 0, 0);
  }

  @Test
  void detachedRegularizer_leavesTheNormaliserAlone_andIsTheSame() {
    Parameters parameters = new Parameters();
    HoyerSpike detached =
        new HoyerSpike(
            parameters,
            "layer",
            3,
            ThresholdScope.CHANNEL,
            new SpikeRule(false, 2, false, RegularizerScope.EXTREMUM, 1, 1, false));
    Tensor potential = torch.randn(2, 3, 4, 4);
    potential.requires_grad_(true);

    Tensor regularizer = detached.fire(potential, Statistics.OF_BATCH).hoyer();
    regularizer.backward();

    Tensor normaliser = Objects.requireNonNull(parameters.trained().get("layer.v"));
    assertThat(normaliser.grad().defined()).isFalse();
    assertThat(potential.grad().abs().sum().item_float()).isPositive();
    assertThat(regularizer.item_float()).isEqualTo(hoyer(potential).item_float());
  }

  @Test
  void signs_passTheGradientNearZero() {
    Tensor potential = Tensors.of(new float[] {-1.5f, -0.5f, 0, 0.5f, 1.5f}, 1, 1, 1, 5);
    potential.requires_grad_(true);

    Activation.Spikes fired = new Sign(1).fire(potential, Statistics.OF_BATCH);
    fired.values().sum().backward();

    assertThat(Tensors.toArray(fired.values())).containsExactly(-1, -1, 1, 1, 1);
    assertThat(Tensors.toArray(potential.grad())).containsExactly(0, 1, 1, 1, 0);
    assertThat(fired.rate().item_float()).isEqualTo(0.6f);
  }

  @ParameterizedTest
  @EnumSource
  void weights_passTheGradientOfWhatTheyStandFor(WeightBits bits) {
    Parameters parameters = new Parameters();
    QuantizedWeights weights = new QuantizedWeights(parameters, "w", 4, 3, 3, bits);
    Tensor latent = parameters.trained().firstEntry().getValue();
    if (bits == WeightBits.ONE) {
      float[] values = Tensors.toArray(latent);
      values[0] = 1.6f; // beyond the limit: no gradient
      set(latent, values);
    }
    Tensor input = torch.randn(2, 3, 6, 6);
    Tensor factor = torch.randn(2, 4, 4, 4);

    loss(input, weights.effective(), factor).backward();

    float[] gradient = Tensors.toArray(latent.grad());
    float[] effective = Tensors.toArray(weights.effective());
    for (int i = 0; i < effective.length; i++) {
      double expected =
          bits == WeightBits.ONE && i == 0
              ? 0
              : difference(
                  effective, i, w -> loss(input, Tensors.of(w, 4, 3, 3, 3), factor).item_float());
      assertThat((double) gradient[i]).as("weight %d", i).isCloseTo(expected, within(0.02));
    }
  }

  /** Convolution is linear in its weights: finite differences are exact but for rounding. */
  private static Tensor loss(Tensor input, Tensor weights, Tensor factor) {
    long[] one = {1, 1};
    return torch
        .conv2d(input, weights, new TensorOptional(), one, new long[] {0, 0}, one, 1)
        .mul(factor)
        .sum();
  }

  private static Tensor hoyer(Tensor potential) {
    return new HoyerSpike(new Parameters(), "layer", 3, ThresholdScope.CHANNEL, Architectures.HOYER)
        .fire(potential, Statistics.OF_BATCH)
        .hoyer();
  }

  private static double hoyer(Tensor potential, double normaliser) {
    return hoyer(Tensors.times(potential, 1 / normaliser)).item_float();
  }

  private static Tensor shaped(float[] values) {
    return Tensors.of(values, 2, 3, 4, 4);
  }

  private static double difference(float[] at, int i, ToDoubleFunction<float[]> function) {
    float[] moved = at.clone();
    moved[i] = (float) (at[i] + STEP);
    double above = function.applyAsDouble(moved);
    moved[i] = (float) (at[i] - STEP);
    return (above - function.applyAsDouble(moved)) / (2 * STEP);
  }

  private static void set(Tensor tensor, double value) {
    try (NoGradGuard _ = new NoGradGuard()) {
      tensor.fill_(new org.bytedeco.pytorch.Scalar(value));
    }
  }

  private static void set(Tensor tensor, float[] values) {
    try (NoGradGuard _ = new NoGradGuard()) {
      tensor.copy_(Tensors.of(values, 4, 3, 3, 3));
    }
  }
}
