package io.popsight.service.energy;

import io.popsight.model.ForeignGraph;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.SpikeLayer;
import io.popsight.model.SpikeRates;
import io.popsight.model.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one convolution does for a photo.
 *
 * @param name of its node
 * @param layers names of the spike layers that fire on its sums
 * @param dense whether every input counts, as in the stem, which reads the photo, and in all of a
 *     float twin; else it reads spikes
 * @param macs multiply-accumulates if every input counted
 * @param inputRate share of its inputs that count; 1 where all do
 * @param weights number of them
 * @param bits of a weight; {@link #FLOAT_BITS} of floats
 * @param inputs values read
 * @param outputs values made
 */
public record LayerWork(
    String name,
    List<String> layers,
    boolean dense,
    long macs,
    double inputRate,
    long weights,
    int bits,
    long inputs,
    long outputs) {

  /** Bits of a float. */
  public static final int FLOAT_BITS = ForeignGraph.FLOAT_BITS;

  /** A photo's: multiply-accumulates where every input counts, else {@link #accumulates}. */
  double operations() {
    return macs * inputRate;
  }

  /** Accumulates a photo: one for each spike that meets a weight. */
  public double accumulates() {
    return accumulates(inputRate);
  }

  /** The same for a photo of which another share of its inputs counts. */
  double accumulates(double rate) {
    return dense ? 0 : macs * rate;
  }

  /** Whether its weights are floats, which only the onnx backend runs. */
  public boolean floats() {
    return bits == FLOAT_BITS;
  }

  /**
   * The convolutions of a file, with the spike rates of its training photos.
   *
   * @throws ModelRefusedException naming a node whose work is not known
   */
  static List<LayerWork> of(ModelFile file) {
    return switch (file.network()) {
      case ModelFile.Network.Typed(ModelGraph graph) -> of(graph, file.metadata());
      case ModelFile.Network.Foreign _ ->
          ForeignGraph.convolutions(file).stream().map(LayerWork::of).toList();
    };
  }

  private static LayerWork of(ForeignGraph.Convolution c) {
    return new LayerWork(
        c.name(),
        c.layers(),
        !c.ofSpikes(),
        c.output().values() * c.window(),
        c.inputRate(),
        c.output().channels() * c.window(),
        c.weightBits(),
        c.input().values(),
        c.output().values());
  }

  private static List<LayerWork> of(ModelGraph graph, ModelMetadata metadata) {
    Map<String, List<String>> fired = new HashMap<>();
    for (SpikeLayer layer : metadata.spikeLayers()) {
      convolution(graph, layer.name())
          .ifPresent(c -> fired.computeIfAbsent(c, _ -> new ArrayList<>()).add(layer.name()));
    }
    SpikeRates rates = new SpikeRates(graph);
    double[] training = SpikeRates.ofTraining(metadata);
    List<LayerWork> layers = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Convolution convolution) {
        double rate = rates.of(convolution.input(), training);
        layers.add(of(graph, convolution, fired.getOrDefault(convolution.name(), List.of()), rate));
      }
    }
    return layers;
  }

  /** Name of the convolution that a node's values come from. */
  private static Optional<String> convolution(ModelGraph graph, String name) {
    return switch (graph.node(name)) {
      case Node.Pixels _ -> Optional.empty();
      case Node.Convolution convolution -> Optional.of(convolution.name());
      case Node.Spikes spikes -> convolution(graph, spikes.input());
      case Node.Stream stream -> convolution(graph, stream.input());
      case Node.Membrane membrane -> convolution(graph, membrane.input());
      case Node.MaxPool pool -> convolution(graph, pool.input());
      case Node.OrPool pool -> convolution(graph, pool.input());
      case Node.Upsample upsample -> convolution(graph, upsample.input());
      case Node.Concat concat -> convolution(graph, concat.inputs().getFirst());
    };
  }

  private static LayerWork of(
      ModelGraph graph, Node.Convolution convolution, List<String> fired, double inputRate) {
    Weights weights = convolution.weights();
    Shape out = graph.shape(convolution.name());
    long window = (long) weights.inChannels() * weights.kernel() * weights.kernel();
    boolean dense = !graph.node(convolution.input()).binary();
    return new LayerWork(
        convolution.name(),
        List.copyOf(fired),
        dense,
        out.values() * window,
        inputRate,
        weights.outChannels() * window,
        weights.bits(),
        graph.shape(convolution.input()).values(),
        out.values());
  }
}
