package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The spiking activation of a BANN layer: the membrane potential, normalised by a trained scalar
 * and clipped to [0, 1], fires where it reaches the Hoyer extremum of its channel or layer (Datta,
 * Liu, Beerel, ICLR 2024).
 */
public final class HoyerSpike implements Activation.Stepping {

  private static final double SMALLEST_NORMALISER = 0.05;

  private final ThresholdScope scope;
  private final SpikeRule rule;
  private final int channels;
  private final Tensor normaliser;
  private final Tensor extremumSum;
  private final Tensor extremumWeight;

  /** Adds its tensors to the parameters under a layer's name. */
  public HoyerSpike(
      Parameters parameters, String layer, int channels, ThresholdScope scope, SpikeRule rule) {
    this.scope = scope;
    this.rule = rule;
    this.channels = channels;
    int extrema = scope.extrema(channels);
    normaliser = parameters.train(layer + ".v", torch.ones(1));
    extremumSum = parameters.buffer(layer + ".extremum", torch.zeros(1, extrema, 1, 1));
    extremumWeight = parameters.buffer(layer + ".extremumWeight", torch.zeros(1, extrema, 1, 1));
  }

  @Override
  public Spikes fire(Tensor potential, Statistics statistics) {
    Tensor z = potential.div(positiveNormaliser());
    Tensor clipped = Tensors.clipped(z, 0, 1);
    Tensor sum = clipped.sum(scope.axes(), true, new ScalarTypeOptional());
    Tensor squares = clipped.square().sum(scope.axes(), true, new ScalarTypeOptional());
    Tensor extremum =
        statistics.ofBatch() && scope != ThresholdScope.FIXED
            ? remember(sum, squares, statistics.momentum())
            : average();
    Tensor ones =
        Tensors.steps(z, extremum, Tensors.times(Tensors.clipped(z, 0, rule.window()), 0.5));
    Tensor hoyer = rule.attached() ? hoyer(sum, squares) : hoyer(potential);
    return new Spikes(ones, ones.detach().mean(), hoyer, z.numel());
  }

  private static Tensor hoyer(Tensor sum, Tensor squares) {
    return sum.square().div(squares.clamp_min(new Scalar(1e-12))).sum();
  }

  /** Without a gradient for the normaliser. */
  private Tensor hoyer(Tensor potential) {
    Tensor clipped = Tensors.clipped(potential.div(positiveNormaliser().detach()), 0, 1);
    return hoyer(
        clipped.sum(scope.axes(), true, new ScalarTypeOptional()),
        clipped.square().sum(scope.axes(), true, new ScalarTypeOptional()));
  }

  /** Normaliser times averaged extremum. */
  @Override
  public double[] thresholds() {
    float[] extremum = Tensors.toArray(average());
    double v = Tensors.toArray(positiveNormaliser())[0];
    double[] thresholds = new double[channels];
    for (int c = 0; c < thresholds.length; c++) {
      thresholds[c] = v * extremum[extremum.length == 1 ? 0 : c];
    }
    return thresholds;
  }

  /** What shares an extremum. */
  ThresholdScope scope() {
    return scope;
  }

  /**
   * Fires from a normaliser times an extremum on.
   *
   * @param extremum [1, C or 1, 1, 1]
   */
  void set(double v, Tensor extremum) {
    try (NoGradGuard _ = new NoGradGuard()) {
      normaliser.fill_(new Scalar(v));
      extremumSum.copy_(extremum);
      extremumWeight.fill_(new Scalar(1.0));
    }
  }

  /** The trained scalar that potentials are divided by, above zero by construction. */
  Tensor positiveNormaliser() {
    return normaliser.abs().clamp_min(new Scalar(SMALLEST_NORMALISER));
  }

  /** The extremum for inference, [1, C or 1, 1, 1]: 1 where nothing was ever alive, or fixed. */
  Tensor average() {
    Tensor unseen = extremumWeight.eq(new Scalar(0.0)).to(torch.ScalarType.Float);
    return extremumSum.add(unseen).div(extremumWeight.add(unseen));
  }

  /**
   * The extremum of this batch; feeds the bias-corrected average of the channels that are alive.
   */
  private Tensor remember(Tensor sum, Tensor squares, double momentum) {
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor alive = sum.gt(new Scalar(0.0)).to(torch.ScalarType.Float);
      Tensor dead = Tensors.plus(Tensors.times(alive, -1), 1);
      Tensor extremum = squares.mul(alive).add(dead).div(sum.mul(alive).add(dead));
      Tensor step = Tensors.times(alive, momentum);
      extremumSum.add_(extremum.sub(extremumSum).mul(step));
      extremumWeight.add_(Tensors.plus(Tensors.times(extremumWeight, -1), 1).mul(step));
      return extremum;
    }
  }
}
