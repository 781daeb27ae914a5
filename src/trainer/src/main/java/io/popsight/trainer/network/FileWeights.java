package io.popsight.trainer.network;

import io.popsight.model.HeadMap;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.Node;
import io.popsight.model.Weights;
import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Takes an exported network over into one that learns on. A file holds integers alone: weights,
 * thresholds on their sums, factors of streams. What made them, batch norm, normalisers and Hoyer
 * extrema, is found anew from what the file's network makes of some photos, such that on these
 * photos every layer fires where it fired before. Of files that {@code DetectorExport} writes:
 * kernels padded by their half, maps repeated twice.
 */
public final class FileWeights {

  private static final int HALVINGS = 24;
  private static final int NORMALISERS = 48;

  private final ModelFile file;
  private final ModelGraph graph;

  /** The file's own maps, by node: pixels, sums, streams and spikes. */
  private final Map<String, Tensor> maps = new HashMap<>();

  /** What one integer of a stream stands for, by the name of the chain's first stream. */
  private final Map<String, Double> units = new HashMap<>();

  /**
   * Of a model file.
   *
   * @throws ModelRefusedException if its graph is none of integers
   */
  public FileWeights(ModelFile file) {
    this.file = file;
    this.graph =
        switch (file.network()) {
          case ModelFile.Network.Typed typed -> typed.graph();
          case ModelFile.Network.Foreign foreign ->
              throw new ModelRefusedException(
                  "only a file of integer weights can be learned from: " + foreign.reason());
        };
  }

  /**
   * Sets the tensors of every layer whose name and sizes are the file's.
   *
   * @param pixels of the photos, unsigned bytes [N, H, W, 3]
   * @param labels of the network's classes; heads of others start afresh
   * @return the layers that stay as they are
   * @throws IllegalArgumentException if the file has membranes: a model of several steps
   */
  public List<Fresh> into(SpikingDetector network, Tensor pixels, List<String> labels) {
    List<Fresh> left = new ArrayList<>();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      graph.nodes().forEach(node -> maps.put(node.name(), made(node, pixels)));
      for (Block block : network.blocks()) {
        Optional<Fresh> fresh =
            switch (block) {
              case Block.Spiking b -> taken(network.parameters(), b);
              case Block.Stream b -> taken(network.parameters(), b);
              case Block.Fire b -> taken(b);
              case Block.Head b -> taken(network.parameters(), b, labels);
              case Block.Upsample _, Block.Concat _ -> Optional.empty();
            };
        fresh.ifPresent(left::add);
      }
      maps.clear();
    }
    return left;
  }

  private Tensor made(Node node, Tensor pixels) {
    return switch (node) {
      case Node.Pixels n ->
          Tensors.plus(Tensors.floats(pixels.permute(0, 3, 1, 2)), -n.offset()).contiguous();
      case Node.Convolution n ->
          Tensors.convolved(map(n.input()), integers(n.weights()), n.stride());
      case Node.Stream n -> {
        Tensor own = map(n.input()).mul(channels(n.factors())).add(channels(n.offsets()));
        yield n.base().map(base -> map(base).add(own)).orElse(own);
      }
      case Node.Membrane n ->
          throw new IllegalArgumentException(
              "from: '%s' is a membrane; a model of several steps is gone on with from its checkpoint.pt"
                  .formatted(n.name()));
      case Node.Spikes n -> Tensors.floats(map(n.input()).ge(channels(n.thresholds())));
      case Node.MaxPool n -> torch.max_pool2d(map(n.input()), n.size(), n.stride());
      case Node.OrPool n -> torch.max_pool2d(map(n.input()), n.size(), n.stride());
      case Node.Upsample n -> Tensors.upsampled(map(n.input()));
      case Node.Concat n -> {
        TensorVector inputs = new TensorVector();
        n.inputs().forEach(name -> inputs.push_back(map(name)));
        yield torch.cat(inputs, 1);
      }
    };
  }

  /** Takes a layer over, or says why it cannot be. */
  private Optional<Fresh> taken(Parameters parameters, Block.Spiking block) {
    LayerPlan plan = block.convolution().plan();
    Optional<Node.Spikes> spikes =
        node(plan.pooled() ? plan.name() + ".fired" : plan.name(), Node.Spikes.class);
    if (spikes.isEmpty()) {
      return Optional.of(Fresh.missing(plan.name()));
    }
    Optional<Node.Convolution> convolution = node(spikes.get().input(), Node.Convolution.class);
    if (convolution.isEmpty() || !(block.activation() instanceof HoyerSpike spike)) {
      return Optional.of(Fresh.ofAnotherKind(plan.name()));
    }
    if (!takenWeights(parameters, plan, convolution.get().weights())) {
      return Optional.of(ofAnotherShape(parameters, plan, convolution.get().weights()));
    }
    Tensor sums = map(convolution.get().name());
    Spread spread = Spread.of(plan.pooled() ? torch.max_pool2d(sums, 2, 2) : sums);
    Tensor normal = spread.normal();
    Tensor threshold = spread.normal(between(spikes.get().thresholds()));
    Tensor extremum = extremum(normal, threshold, spike.scope());
    set(parameters, plan.name() + ".logGamma", torch.zeros(plan.outChannels()));
    set(parameters, plan.name() + ".beta", extremum.sub(threshold).flatten());
    spread.into(parameters, plan.name(), unit(parameters, plan, convolution.get()));
    spike.set(1, extremum);
    return Optional.empty();
  }

  private Optional<Fresh> taken(Parameters parameters, Block.Stream block) {
    LayerPlan plan = block.convolution().plan();
    Optional<Node.Stream> stream = node(plan.name(), Node.Stream.class);
    if (stream.isEmpty()) {
      return Optional.of(Fresh.missing(plan.name()));
    }
    Optional<Node.Convolution> convolution = node(stream.get().input(), Node.Convolution.class);
    if (convolution.isEmpty()) {
      return Optional.of(Fresh.ofAnotherKind(plan.name()));
    }
    if (!takenWeights(parameters, plan, convolution.get().weights())) {
      return Optional.of(ofAnotherShape(parameters, plan, convolution.get().weights()));
    }
    Spread spread = Spread.of(map(convolution.get().name()));
    Tensor factors = channels(stream.get().factors());
    Tensor gamma = factors.mul(spread.deviation()).clamp_min(new Scalar(1e-6));
    // The file does not say what an integer stands for: such that the first of a chain of streams
    // leaves batch norm with the factors of a fresh one.
    double unit =
        units.computeIfAbsent(
            stream.get().base().orElse(plan.name()),
            _ -> 1 / gamma.log().mean().exp().item_double());
    units.put(plan.name(), unit);
    Tensor beta = factors.mul(spread.mean()).add(channels(stream.get().offsets()));
    set(parameters, plan.name() + ".logGamma", Tensors.times(gamma, unit).log().flatten());
    set(parameters, plan.name() + ".beta", Tensors.times(beta, unit).flatten());
    spread.into(parameters, plan.name(), unit(parameters, plan, convolution.get()));
    return Optional.empty();
  }

  private Optional<Fresh> taken(Block.Fire block) {
    Optional<Node.Spikes> spikes = node(block.name(), Node.Spikes.class);
    if (spikes.isEmpty()) {
      return Optional.of(Fresh.missing(block.name()));
    }
    if (!(block.activation() instanceof HoyerSpike spike)) {
      return Optional.of(Fresh.ofAnotherKind(block.name()));
    }
    Double unit = units.get(block.stream());
    if (unit == null) {
      return Optional.of(Fresh.behindAnother(block.name()));
    }
    Tensor potential = Tensors.times(map(spikes.get().input()), unit);
    Tensor threshold = Tensors.times(between(spikes.get().thresholds()), unit);
    double lowest = Math.max(0.1, threshold.abs().mean().item_double());
    double best = lowest;
    double least = Double.MAX_VALUE;
    for (int i = 0; i < NORMALISERS; i++) {
      double v = lowest * Math.pow(8, (double) i / NORMALISERS);
      try (PointerScope _ = new PointerScope()) {
        Tensor extremum = HoyerSpike.extremum(Tensors.times(potential, 1 / v), spike.scope());
        Tensor distance = Tensors.times(extremum, v).sub(threshold);
        double median = distance.abs().median().item_double();
        if (median < least) {
          least = median;
          best = v;
        }
      }
    }
    spike.set(best, spike.scope().shared(Tensors.times(threshold, 1 / best)));
    return Optional.empty();
  }

  private Optional<Fresh> taken(Parameters parameters, Block.Head block, List<String> labels) {
    String name = block.name();
    Optional<HeadMap> head =
        file.metadata().heads().stream()
            .filter(map -> map.stride() == block.layer().stride())
            .findFirst();
    if (head.isEmpty()) {
      return Optional.of(Fresh.missing(name));
    }
    if (!file.metadata().labels().equals(labels)) {
      return Optional.of(Fresh.ofOtherClasses(name));
    }
    Tensor latent = Objects.requireNonNull(parameters.trained().get(name + ".weight"));
    Tensor weights =
        node(head.get().sumOutput(), Node.Convolution.class)
            .map(convolution -> integers(convolution.weights()))
            .orElseThrow();
    if (!Arrays.equals(weights.shape(), latent.shape())) {
      return Optional.of(Fresh.ofAnotherShape(name, weights.shape(), latent.shape()));
    }
    float[] scale = head.get().scale();
    latent.copy_(weights.mul(Tensors.of(scale, scale.length, 1, 1, 1)));
    set(parameters, name + ".bias", Tensors.of(head.get().bias(), scale.length));
    return Optional.empty();
  }

  /**
   * Latent weights spread as wide as fresh ones, so that they learn as fast. They become the file's
   * integers again, or their signs where the network's weights are narrower; false where sizes
   * differ.
   */
  private static boolean takenWeights(Parameters parameters, LayerPlan plan, Weights weights) {
    boolean same =
        weights.outChannels() == plan.outChannels()
            && weights.inChannels() == plan.groupChannels()
            && weights.kernel() == plan.kernel();
    if (!same) {
      return false;
    }
    Tensor latent = latent(parameters, plan);
    Tensor integers = integers(weights);
    latent.copy_(
        plan.weightBits() == WeightBits.ONE && weights.bits() == 1
            ? integers.mul(latent.abs())
            : integers.mul(latent.std().div(integers.std())));
    return true;
  }

  private static Fresh ofAnotherShape(Parameters parameters, LayerPlan plan, Weights weights) {
    return Fresh.ofAnotherShape(
        plan.name(), integers(weights).shape(), latent(parameters, plan).shape());
  }

  /** What one integer of a file's sums is in the network's own sums, a channel. */
  private static Tensor unit(Parameters parameters, LayerPlan plan, Node.Convolution convolution) {
    Tensor latent = latent(parameters, plan);
    Tensor integers = integers(convolution.weights());
    long[] window = {1, 2, 3};
    Tensor scale =
        latent
            .abs()
            .sum(window, true, new ScalarTypeOptional())
            .div(integers.abs().sum(window, true, new ScalarTypeOptional()));
    boolean stem = convolution.input().equals(SpikingDetector.PIXELS);
    return Tensors.times(scale.reshape(1, -1, 1, 1), stem ? SpikingDetector.PIXEL_SCALE : 1);
  }

  private static Tensor latent(Parameters parameters, LayerPlan plan) {
    return QuantizedWeights.LATENT.stream()
        .map(ending -> parameters.trained().get(plan.name() + ending))
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow();
  }

  /**
   * The extremum E at which a batch norm of factor 1 puts a threshold: {@code E(clip(z + E - t)) =
   * E}, by bisection. There is a solution, because E lies in (0, 1].
   */
  private static Tensor extremum(Tensor normal, Tensor threshold, ThresholdScope scope) {
    Tensor low = scope.shared(torch.zeros_like(threshold));
    Tensor high = torch.ones_like(low);
    if (scope == ThresholdScope.FIXED) {
      return high;
    }
    for (int i = 0; i < HALVINGS; i++) {
      try (PointerScope _ = new PointerScope()) {
        Tensor middle = Tensors.times(low.add(high), 0.5);
        Tensor above =
            Tensors.floats(
                HoyerSpike.extremum(normal.add(middle.sub(threshold)), scope).gt(middle));
        low.add_(middle.sub(low).mul(above));
        high.add_(middle.sub(high).mul(Tensors.plus(Tensors.times(above, -1), 1)));
      }
    }
    return high;
  }

  /** Halfway between the sum that does not fire and the one that does. */
  private static Tensor between(int[] thresholds) {
    return Tensors.plus(channels(thresholds), -0.5);
  }

  private static Tensor integers(Weights weights) {
    byte[] bytes = weights.toArray();
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes[i];
    }
    int kernel = weights.kernel();
    return Tensors.of(values, weights.outChannels(), weights.inChannels(), kernel, kernel);
  }

  private static Tensor channels(int[] integers) {
    float[] values = new float[integers.length];
    for (int c = 0; c < values.length; c++) {
      values[c] = integers[c];
    }
    return Tensors.of(values, 1, values.length, 1, 1);
  }

  private <T extends Node> Optional<T> node(String name, Class<T> kind) {
    return graph.nodes().stream()
        .filter(node -> node.name().equals(name) && kind.isInstance(node))
        .map(kind::cast)
        .findFirst();
  }

  private Tensor map(String name) {
    return Objects.requireNonNull(maps.get(name), name);
  }

  private static void set(Parameters parameters, String name, Tensor value) {
    parameters.set(Map.of(name, value));
  }

  /**
   * How the sums of each channel are spread, [1, C, 1, 1].
   *
   * @param sums [N, C, H, W], whole numbers
   */
  private record Spread(Tensor sums, Tensor mean, Tensor deviation) {

    static Spread of(Tensor sums) {
      long[] axes = {0, 2, 3};
      Tensor mean = sums.mean(axes, true, new ScalarTypeOptional());
      Tensor variance = sums.sub(mean).square_().mean(axes, true, new ScalarTypeOptional());
      return new Spread(sums, mean, variance.clamp_min(new Scalar(1e-6)).sqrt());
    }

    Tensor normal() {
      return normal(sums);
    }

    Tensor normal(Tensor values) {
      return values.sub(mean).div(deviation);
    }

    void into(Parameters parameters, String layer, Tensor unit) {
      set(parameters, layer + ".mean", mean.mul(unit).flatten());
      set(parameters, layer + ".variance", deviation.mul(unit).square().flatten());
    }
  }
}
