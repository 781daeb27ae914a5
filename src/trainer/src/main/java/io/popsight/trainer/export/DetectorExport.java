package io.popsight.trainer.export;

import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.OnnxGraphWriter;
import io.popsight.model.Shape;
import io.popsight.model.Training;
import io.popsight.model.Weights;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.ConvolutionLayer;
import io.popsight.trainer.network.HeadLayer;
import io.popsight.trainer.network.LayerPlan;
import io.popsight.trainer.network.SpikingDetector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Turns a trained network into a model file. */
public final class DetectorExport {

  /** Subtracted from a pixel. */
  static final int OFFSET = 128;

  private static final String SUM = ".sum";

  private final SpikingDetector network;
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> spiking = new ArrayList<>();
  private final Map<String, StreamScale> scales = new HashMap<>();
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

  /** The bytes of the model file: of integers, or of floats where the network has any. */
  public static byte[] write(SpikingDetector network, Facts facts) {
    return network.integer()
        ? new DetectorExport(network).file(facts)
        : new FloatExport(network, facts).file();
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
    ModelGraph graph = new ModelGraph(nodes, headNames, spiking);
    return OnnxGraphWriter.write(graph, ExportMetadata.of(network, facts));
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
    spiking.add(plan.name());
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
  }

  private void add(Block.Fire fire) {
    StreamScale scale = Objects.requireNonNull(scales.get(fire.stream()));
    nodes.add(
        new Node.Spikes(
            fire.name(), fire.stream(), scale.thresholds(fire.stepping().thresholds())));
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

  static Weights weights(ConvolutionLayer layer) {
    LayerPlan plan = layer.plan();
    return new Weights(
        plan.outChannels(), plan.inChannels(), plan.kernel(), layer.integerWeights());
  }

  static Weights weights(HeadLayer head) {
    byte[] integers = head.integerWeights();
    return new Weights(head.outChannels(), integers.length / head.outChannels(), 1, integers);
  }

  private void add(HeadLayer head, String input) {
    String sums = "sum_" + head.stride();
    nodes.add(new Node.Convolution(sums, input, weights(head), 1, 0));
    headNames.add(sums);
  }
}
