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
import io.popsight.trainer.network.HeadLayer;
import io.popsight.trainer.network.LayerPlan;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.SpikingLayer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Turns a trained network into a model file of integers. */
public final class DetectorExport {

  private static final String PHOTO = "photo";

  private final SpikingDetector network;
  private final List<Node> nodes = new ArrayList<>();
  private final SequencedMap<String, LayerPlan> spiking = new LinkedHashMap<>();
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
    nodes.add(new Node.Pixels(PHOTO, new Shape(3, facts.inputHeight(), facts.inputWidth()), 128));
    String map = add(network.stem(), PHOTO, SpikingDetector.PIXEL_SCALE);
    for (int s = 0; s < network.stages().size(); s++) {
      for (SpikingLayer layer : network.stages().get(s)) {
        map = add(layer, map, 1);
      }
      if (s > 0) {
        add(network.heads().get(s - 1), add(network.headLayers().get(s - 1), map, 1));
      }
    }
    ModelGraph graph = new ModelGraph(nodes, headNames, List.copyOf(spiking.sequencedKeySet()));
    return OnnxGraphWriter.write(graph, metadata(graph, facts));
  }

  private String add(SpikingLayer layer, String input, double inputScale) {
    LayerPlan plan = layer.plan();
    Weights weights =
        new Weights(plan.outChannels(), plan.inChannels(), plan.kernel(), layer.integerWeights());
    String sums = plan.name() + ".sum";
    nodes.add(new Node.Convolution(sums, input, weights, plan.stride(), plan.kernel() / 2));
    int largest = input.equals(PHOTO) ? 128 : 1;
    int[] thresholds =
        IntegerThresholds.of(
            layer.realThresholds(inputScale), weights, input.equals(PHOTO) ? -largest : 0, largest);
    if (plan.pooled()) {
      nodes.add(new Node.Spikes(plan.name() + ".fired", sums, thresholds));
      nodes.add(new Node.OrPool(plan.name(), plan.name() + ".fired", 2, 2));
    } else {
      nodes.add(new Node.Spikes(plan.name(), sums, thresholds));
    }
    spiking.put(plan.name(), plan);
    return plan.name();
  }

  private void add(HeadLayer head, String input) {
    String sums = "sum_" + head.stride();
    int out = head.scales().length;
    byte[] integers = head.integerWeights();
    Weights weights = new Weights(out, integers.length / out, 1, integers);
    nodes.add(new Node.Convolution(sums, input, weights, 1, 0));
    headNames.add(sums);
  }

  private ModelMetadata metadata(ModelGraph graph, Facts facts) {
    List<HeadMap> heads = new ArrayList<>();
    for (HeadLayer head : network.heads()) {
      Shape shape = graph.shape("sum_" + head.stride());
      heads.add(
          new HeadMap(head.stride(), shape.rows(), shape.columns(), head.scales(), head.biases()));
    }
    List<SpikeLayer> layers = new ArrayList<>();
    spiking.forEach(
        (name, plan) -> {
          Shape shape = graph.shape(name);
          Shape sums = graph.shape(name + ".sum");
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
        heads,
        layers,
        facts.minScore(),
        facts.iou(),
        facts.training());
  }
}
