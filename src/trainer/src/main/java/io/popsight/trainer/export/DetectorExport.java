package io.popsight.trainer.export;

import io.popsight.model.HeadMap;
import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.OnnxGraphWriter;
import io.popsight.model.Shape;
import io.popsight.model.Training;
import io.popsight.model.Weights;
import io.popsight.trainer.network.Activation;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.ConvolutionLayer;
import io.popsight.trainer.network.HeadLayer;
import io.popsight.trainer.network.HoyerSpike;
import io.popsight.trainer.network.LayerPlan;
import io.popsight.trainer.network.SpikingDetector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/** Turns a trained network into a model file. */
public final class DetectorExport {

  static final String SUM = ".sum";

  private static final String MEMBRANE = ".membrane";

  private final SpikingDetector network;
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> spiking = new ArrayList<>();
  private final Map<String, StreamScale> scales = new HashMap<>();
  private final List<String> headNames = new ArrayList<>();
  private final Map<String, Weights> weightsOf = new HashMap<>();
  private int step;

  private DetectorExport(SpikingDetector network) {
    this.network = network;
  }

  /**
   * What the file shall say of itself beside the network.
   *
   * @param name of the model
   * @param version of the model
   * @param labels class names
   * @param inputHeight rows of the input, a multiple of 32
   * @param inputWidth columns of the input, a multiple of 32
   * @param minScore default score threshold
   * @param iou default suppression threshold
   * @param training provenance
   * @param trainingRates share of ones of each layer by name over training photos; 0 where not
   *     known yet
   */
  public record Facts(
      String name,
      String version,
      List<String> labels,
      int inputHeight,
      int inputWidth,
      float minScore,
      float iou,
      Training training,
      Map<String, Double> trainingRates) {}

  /** The bytes of the model file: of integers, or of floats where the network has any. */
  public static byte[] write(SpikingDetector network, Facts facts) {
    return network.integer()
        ? new DetectorExport(network).file(facts)
        : new FloatExport(network, facts).file();
  }

  private byte[] file(Facts facts) {
    nodes.add(
        new Node.Pixels(
            SpikingDetector.PIXELS,
            new Shape(3, facts.inputHeight(), facts.inputWidth()),
            SpikingDetector.PIXEL_OFFSET));
    for (step = 1; step <= network.steps(); step++) {
      network.blocks().forEach(this::add);
    }
    ModelGraph graph = new ModelGraph(nodes, headNames, spiking);
    return OnnxGraphWriter.write(graph, ExportMetadata.of(network, facts));
  }

  private void add(Block block) {
    switch (block) {
      case Block.Spiking spiking -> add(spiking);
      case Block.Stream stream -> add(stream);
      case Block.Fire fire -> add(fire);
      case Block.Upsample up -> nodes.add(new Node.Upsample(now(up.name()), now(up.input()), 2));
      case Block.Concat concat ->
          nodes.add(
              new Node.Concat(
                  now(concat.name()), concat.inputs().stream().map(this::now).toList()));
      case Block.Head head -> {
        if (step == network.steps()) {
          add(head.layer(), head.input());
        }
      }
    }
  }

  /** A block's name in this step. */
  private String now(String block) {
    return network.atStep(block, step);
  }

  private void add(Block.Spiking layer) {
    LayerPlan plan = layer.convolution().plan();
    boolean stem = layer.input().equals(SpikingDetector.PIXELS);
    double inputScale = stem ? SpikingDetector.PIXEL_SCALE : 1;
    double[] real = IntegerThresholds.real(layer, inputScale);
    // Every step sees the same photo, so the stem's sums are the same, too.
    boolean known = stem && step > 1;
    String sums = (known ? network.atStep(plan.name(), 1) : now(plan.name())) + SUM;
    Weights weights =
        known ? weightsOf(layer.convolution()) : convolution(layer.convolution(), layer.input());
    if (network.steps() > 1) {
      String moving = sums;
      if (plan.pooled()) {
        moving = now(plan.name()) + ".pooled";
        nodes.add(new Node.MaxPool(moving, sums, 2, 2));
      }
      MembraneScale scale =
          MembraneScale.of(network.steps(), weights, stem ? SpikingDetector.PIXEL_OFFSET : 1);
      ConvolutionLayer.Affine affine = layer.convolution().affine(inputScale);
      int[] offsets = scale.offsets(affine);
      membrane(
          plan.name(), layer.stepping(), moving, scale, offsets, scale.thresholds(real, offsets));
      return;
    }
    int[] thresholds =
        IntegerThresholds.of(
            real,
            weights,
            stem ? -SpikingDetector.PIXEL_OFFSET : 0,
            stem ? SpikingDetector.PIXEL_OFFSET : 1);
    if (plan.pooled()) {
      nodes.add(new Node.Spikes(plan.name() + ".fired", sums, thresholds));
      nodes.add(new Node.OrPool(plan.name(), plan.name() + ".fired", 2, 2));
    } else {
      nodes.add(new Node.Spikes(plan.name(), sums, thresholds));
    }
    spiking.add(plan.name());
  }

  /** The potential of a layer after this step, and the spikes that it fires. */
  private void membrane(
      String layer,
      Activation.Stepping stepping,
      String input,
      MembraneScale scale,
      int[] offsets,
      int[] thresholds) {
    if (!(stepping instanceof HoyerSpike spike)) {
      throw new IllegalStateException("layer '%s' has no membrane".formatted(layer));
    }
    Optional<String> before =
        step == 1 ? Optional.empty() : Optional.of(network.atStep(layer, step - 1));
    nodes.add(
        new Node.Membrane(
            now(layer) + MEMBRANE,
            input,
            before.map(name -> name + MEMBRANE),
            step == 1 ? Node.Membrane.WHOLE : spike.leak(),
            scale.shift(),
            offsets,
            before.filter(_ -> spike.softReset())));
    nodes.add(new Node.Spikes(now(layer), now(layer) + MEMBRANE, thresholds));
    spiking.add(now(layer));
  }

  private void add(Block.Stream stream) {
    convolution(stream.convolution(), stream.input());
    StreamScale scale = scaleOf(stream);
    ConvolutionLayer.Affine affine = stream.convolution().affine(1);
    nodes.add(
        new Node.Stream(
            now(stream.name()),
            now(stream.name()) + SUM,
            stream.base().map(this::now),
            scale.round(affine.factors()),
            scale.round(affine.offsets())));
  }

  private void add(Block.Fire fire) {
    StreamScale scale = Objects.requireNonNull(scales.get(fire.stream()));
    int[] thresholds = scale.thresholds(fire.stepping().thresholds());
    if (network.steps() > 1) {
      MembraneScale membrane = MembraneScale.ofStream(network.steps());
      membrane(
          fire.name(),
          fire.stepping(),
          now(fire.stream()),
          membrane,
          new int[thresholds.length],
          membrane.shifted(thresholds));
      return;
    }
    nodes.add(new Node.Spikes(fire.name(), fire.stream(), thresholds));
    spiking.add(fire.name());
  }

  /** Streams that are added to each other share a scale; the first one asks for all. */
  private StreamScale scaleOf(Block.Stream first) {
    StreamScale known = scales.get(first.name());
    if (known != null) {
      return known;
    }
    List<Block.Stream> chain = new ArrayList<>(List.of(first));
    Map<String, Weights> weights = new HashMap<>();
    for (Block block : network.blocks()) {
      if (block instanceof Block.Stream next
          && next.base().filter(base -> base.equals(chain.getLast().name())).isPresent()) {
        chain.add(next);
      }
    }
    for (Block.Stream stream : chain) {
      weights.put(stream.name(), weightsOf(stream.convolution()));
    }
    StreamScale scale = StreamScale.of(chain, weights);
    chain.forEach(stream -> scales.put(stream.name(), scale));
    return scale;
  }

  private Weights convolution(ConvolutionLayer layer, String input) {
    LayerPlan plan = layer.plan();
    Weights weights = weightsOf(layer);
    nodes.add(
        new Node.Convolution(
            now(plan.name()) + SUM,
            now(input),
            weights,
            plan.stride(),
            plan.kernel() / 2,
            plan.groups()));
    return weights;
  }

  /** Every step has the same, which stand in the file once. */
  private Weights weightsOf(ConvolutionLayer layer) {
    return weightsOf.computeIfAbsent(layer.plan().name(), _ -> weights(layer));
  }

  static Weights weights(ConvolutionLayer layer) {
    LayerPlan plan = layer.plan();
    return new Weights(
        plan.outChannels(), plan.groupChannels(), plan.kernel(), layer.integerWeights());
  }

  static Weights weights(HeadLayer head) {
    byte[] integers = head.integerWeights();
    return new Weights(head.outChannels(), integers.length / head.outChannels(), 1, integers);
  }

  private void add(HeadLayer head, String input) {
    String sums = HeadMap.sumOutput(head.stride());
    int steps = network.steps();
    if (steps == 1) {
      nodes.add(new Node.Convolution(sums, input, weights(head), 1, 0));
    } else {
      // A sum over the spikes of all steps, side by side, under the same weights.
      String all = "head%d.steps".formatted(head.stride());
      nodes.add(
          new Node.Concat(
              all,
              IntStream.rangeClosed(1, steps).mapToObj(t -> network.atStep(input, t)).toList()));
      nodes.add(new Node.Convolution(sums, all, repeated(weights(head), steps), 1, 0));
    }
    headNames.add(sums);
  }

  /** The same weights for as many inputs of the same kind. */
  private static Weights repeated(Weights weights, int times) {
    byte[] once = weights.toArray();
    int in = weights.inChannels();
    byte[] values = new byte[once.length * times];
    for (int out = 0; out < weights.outChannels(); out++) {
      for (int t = 0; t < times; t++) {
        System.arraycopy(once, out * in, values, (out * times + t) * in, in);
      }
    }
    return new Weights(weights.outChannels(), in * times, 1, values);
  }
}
