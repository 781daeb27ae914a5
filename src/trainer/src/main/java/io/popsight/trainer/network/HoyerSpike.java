package io.popsight.trainer.network;

import io.popsight.model.Node;
import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
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
  private final Optional<Tensor> leak;
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
    leak =
        rule.steps() == 1
            ? Optional.empty()
            : Optional.of(
                parameters.train(layer + ".leak", Tensors.times(torch.ones(1), rule.leak())));
    extremumSum = parameters.buffer(layer + ".extremum", torch.zeros(1, extrema, 1, 1));
    extremumWeight = parameters.buffer(layer + ".extremumWeight", torch.zeros(1, extrema, 1, 1));
  }

  @Override
  public Spikes fire(Tensor potential, Statistics statistics) {
    Tensor z = potential.mul(positiveNormaliser().reciprocal());
    Tensor membrane = membranes(z, this::average);
    Sums sums = sums(membrane, scope);
    boolean ofBatch = statistics.ofBatch() && scope != ThresholdScope.FIXED;
    Tensor extremum = ofBatch ? remember(sums, statistics.momentum()) : average();
    if (ofBatch && rule.softReset()) {
      // What resets took off so far went by the extremum of other batches.
      membrane = membranes(z, () -> extremum);
      sums = sums(membrane, scope);
    }
    Tensor slope = Tensors.times(Tensors.clipped(membrane, 0, rule.window()), 0.5);
    Tensor ones = Tensors.steps(membrane, extremum.to(membrane.scalar_type()), slope);
    Tensor seen =
        rule.attached()
            ? membrane
            : membranes(potential.div(positiveNormaliser().detach()), () -> extremum);
    ThresholdScope seenBy = rule.hoyer().sums(scope);
    boolean same = rule.attached() && seenBy == scope;
    Tensor hoyer = (same ? sums : sums(seen, seenBy)).hoyer();
    return new Spikes(ones, Tensors.mean(ones.detach()), hoyer, z.numel());
  }

  /** Of clipped potentials, and of their squares. */
  private record Sums(Tensor sum, Tensor squares) {
    Tensor hoyer() {
      return sum.square().div(squares.clamp_min(new Scalar(1e-12))).sum();
    }

    Tensor extremum() {
      Tensor dead = Tensors.floats(sum.le(new Scalar(0.0)));
      return squares.add(dead).div(sum.add(dead));
    }
  }

  /**
   * The extremum of potentials, normalised, [1, C or 1, 1, 1]: 1 where none is alive, or fixed.
   *
   * @param z [N, C, H, W]
   */
  static Tensor extremum(Tensor z, ThresholdScope scope) {
    Tensor extremum = sums(z, scope).extremum();
    return scope == ThresholdScope.FIXED ? torch.ones_like(extremum) : extremum;
  }

  private static Sums sums(Tensor membrane, ThresholdScope scope) {
    Tensor clipped = Tensors.clipped(membrane, 0, 1);
    return new Sums(
        Tensors.sum(clipped, scope.axes()), Tensors.sum(clipped.square(), scope.axes()));
  }

  /**
   * What lasts from step to step; the potentials themselves where there is one step.
   *
   * @param potential [steps * N, C, H, W], the steps one after the other
   * @param extremum by which spikes are reset; asked for only where they are
   */
  private Tensor membranes(Tensor potential, Supplier<Tensor> extremum) {
    if (leak.isEmpty()) {
      return potential;
    }
    Tensor share = wholeLeak(leak.get()).squeeze();
    TensorVector added = potential.chunk(rule.steps(), 0);
    TensorVector membranes = new TensorVector();
    Tensor membrane = added.get(0);
    membranes.push_back(membrane);
    for (int t = 1; t < rule.steps(); t++) {
      Tensor left = membrane;
      if (rule.softReset()) {
        Tensor threshold = extremum.get();
        Tensor fired = Tensors.floats(membrane.detach().ge(threshold));
        left = membrane.sub(fired.mul(threshold));
      }
      membrane = left.mul(share).add(added.get(t));
      membranes.push_back(membrane);
    }
    return torch.cat(membranes, 0);
  }

  private static Tensor wholeLeak(Tensor leak) {
    double whole = Node.Membrane.WHOLE;
    Tensor within = Tensors.clamp(leak, 0, 1);
    return Tensors.straightThrough(
        Tensors.times(Tensors.times(within, whole).round(), 1 / whole), within);
  }

  /** Whether a spike takes its threshold off the membrane. */
  public boolean softReset() {
    return rule.softReset();
  }

  /** What lasts of a membrane from a step to the next, of {@link Node.Membrane#WHOLE}. */
  public int leak() {
    return leak.map(l -> Math.round(Tensors.toArray(wholeLeak(l))[0] * Node.Membrane.WHOLE))
        .orElse(Node.Membrane.WHOLE);
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

  @Override
  public Tensor margin(Tensor potential) {
    return membranes(potential.div(positiveNormaliser()), this::average).sub(average());
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
    return normaliser.squeeze().abs().clamp_min(new Scalar(SMALLEST_NORMALISER));
  }

  /** The extremum for inference, [1, C or 1, 1, 1]: 1 where nothing was ever alive, or fixed. */
  Tensor average() {
    Tensor unseen = extremumWeight.eq(new Scalar(0.0)).to(torch.ScalarType.Float);
    return extremumSum.add(unseen).div(extremumWeight.add(unseen));
  }

  /**
   * The extremum of this batch; feeds the bias-corrected average of the channels that are alive.
   */
  private Tensor remember(Sums sums, double momentum) {
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor extremum = sums.extremum();
      Tensor alive = Tensors.floats(sums.sum().gt(new Scalar(0.0)));
      Tensor step = Tensors.times(alive, momentum);
      extremumSum.add_(extremum.sub(extremumSum).mul(step));
      extremumWeight.add_(Tensors.plus(Tensors.times(extremumWeight, -1), 1).mul(step));
      return extremum;
    }
  }
}
