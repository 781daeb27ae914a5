package io.popsight.trainer.export;

import io.popsight.model.HeadMap;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Node;
import io.popsight.model.OnnxGraphWriter;
import io.popsight.model.Shape;
import io.popsight.model.SpikeLayer;
import io.popsight.model.Training;
import io.popsight.model.Weights;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.ConvolutionLayer;
import io.popsight.trainer.network.HeadLayer;
import io.popsight.trainer.network.LayerPlan;
import io.popsight.trainer.network.SpikingDetector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/** Turns a trained network into a model file of integers. */
public final class DetectorExport {

  /** Subtracted from a pixel. */
  private static final int OFFSET = 128;

  private static final String SUM = ".sum";

  private final SpikingDetector network;
  private final List<Node> nodes = new ArrayList<>();
  private final SequencedMap<String, LayerPlan> spiking = new LinkedHashMap<>();
  private final Map<String, LayerPlan> streams = new HashMap<>();
  private final Map<String, StreamScale> scales = new HashMap<>();
  private final List<HeadLayer> heads = new ArrayList<>();
  private final List<String> headNames = new ArrayList<>();

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

  /** The bytes of the model file. */
  public static byte[] write(SpikingDetector network, Facts facts) {
    return new DetectorExport(network).file(facts);
  }

  private byte[] file(Facts facts) {
    nodes.add(
        new Node.Pixels(
            SpikingDetector.PIXELS, new Shape(3, facts.inputHeight(), facts.inputWidth()), OFFSET));
    for (Block block : network.blocks()) {
      switch (block) {
        case Block.Spiking spiking -> add(spiking);
        case Block.Stream stream -> add(stream);
        case Block.Fire fire -> add(fire);
        case Block.Upsample up -> nodes.add(new Node.Upsample(up.name(), up.input(), 2));
        case Block.Concat concat -> nodes.add(new Node.Concat(concat.name(), concat.inputs()));
        case Block.Head head -> add(head.layer(), head.input());
      }
    }
    ModelGraph graph = new ModelGraph(nodes, headNames, List.copyOf(spiking.sequencedKeySet()));
    return OnnxGraphWriter.write(graph, metadata(graph, facts));
  }

  private void add(Block.Spiking layer) {
    LayerPlan plan = layer.convolution().plan();
    boolean stem = layer.input().equals(SpikingDetector.PIXELS);
    Weights weights = convolution(layer.convolution(), layer.input());
    int[] thresholds =
        IntegerThresholds.of(
            IntegerThresholds.real(layer, stem ? SpikingDetector.PIXEL_SCALE : 1),
            weights,
            stem ? -OFFSET : 0,
            stem ? OFFSET : 1);
    String sums = plan.name() + SUM;
    if (plan.pooled()) {
      nodes.add(new Node.Spikes(plan.name() + ".fired", sums, thresholds));
      nodes.add(new Node.OrPool(plan.name(), plan.name() + ".fired", 2, 2));
    } else {
      nodes.add(new Node.Spikes(plan.name(), sums, thresholds));
    }
    spiking.put(plan.name(), plan);
  }

  private void add(Block.Stream stream) {
    convolution(stream.convolution(), stream.input());
    StreamScale scale = scaleOf(stream);
    ConvolutionLayer.Affine affine = stream.convolution().affine(1);
    nodes.add(
        new Node.Stream(
            stream.name(),
            stream.name() + SUM,
            stream.base(),
            scale.round(affine.factors()),
            scale.round(affine.offsets())));
    streams.put(stream.name(), stream.convolution().plan());
  }

  private void add(Block.Fire fire) {
    StreamScale scale = Objects.requireNonNull(scales.get(fire.stream()));
    nodes.add(
        new Node.Spikes(fire.name(), fire.stream(), scale.thresholds(fire.spike().thresholds())));
    spiking.put(fire.name(), Objects.requireNonNull(streams.get(fire.stream())));
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
      weights.put(stream.name(), weights(stream.convolution()));
    }
    StreamScale scale = StreamScale.of(chain, weights);
    chain.forEach(stream -> scales.put(stream.name(), scale));
    return scale;
  }

  private Weights convolution(ConvolutionLayer layer, String input) {
    LayerPlan plan = layer.plan();
    Weights weights = weights(layer);
    nodes.add(
        new Node.Convolution(plan.name() + SUM, input, weights, plan.stride(), plan.kernel() / 2));
    return weights;
  }

  private static Weights weights(ConvolutionLayer layer) {
    LayerPlan plan = layer.plan();
    return new Weights(
        plan.outChannels(), plan.inChannels(), plan.kernel(), layer.integerWeights());
  }

  private void add(HeadLayer head, String input) {
    String sums = "sum_" + head.stride();
    int out = head.scales().length;
    byte[] integers = head.integerWeights();
    Weights weights = new Weights(out, integers.length / out, 1, integers);
    nodes.add(new Node.Convolution(sums, input, weights, 1, 0));
    headNames.add(sums);
    heads.add(head);
  }

  private ModelMetadata metadata(ModelGraph graph, Facts facts) {
    List<HeadMap> headMaps = new ArrayList<>();
    for (HeadLayer head : heads) {
      Shape shape = graph.shape("sum_" + head.stride());
      headMaps.add(
          new HeadMap(head.stride(), shape.rows(), shape.columns(), head.scales(), head.biases()));
    }
    List<SpikeLayer> layers = new ArrayList<>();
    spiking.forEach(
        (name, plan) -> {
          Shape shape = graph.shape(name);
          Shape sums = graph.shape(plan.name() + SUM);
          long macs = (long) sums.values() * plan.inChannels() * plan.kernel() * plan.kernel();
          layers.add(
              new SpikeLayer(
                  name,
                  shape.channels(),
                  shape.rows(),
                  shape.columns(),
                  macs,
                  facts.trainingRates().getOrDefault(name, 0.0)));
        });
    return new ModelMetadata(
        ModelMetadata.FORMAT,
        facts.name(),
        facts.version(),
        facts.labels(),
        facts.inputHeight(),
        facts.inputWidth(),
        ModelMetadata.ANCHOR_FREE,
        headMaps,
        layers,
        facts.minScore(),
        facts.iou(),
        facts.training());
  }
}
