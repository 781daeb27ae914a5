package io.popsight.engine.plan;

import io.popsight.backend.Helpers;
import io.popsight.engine.conv.ConvolutionShape;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.PixelConvolution;
import io.popsight.engine.conv.RowSums;
import io.popsight.engine.conv.Threshold;
import io.popsight.engine.conv.WeightPlanes;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Walks the graph once and turns it into steps: a convolution waits for the threshold that fuses
 * with it.
 */
final class PlanCompiler {

  private final ModelGraph graph;
  private final ModelMetadata metadata;
  private final KernelFamily kernels;
  private final List<Step> steps = new ArrayList<>();
  private final List<MapPlan> maps = new ArrayList<>();
  private final Map<String, Integer> mapOf = new HashMap<>();
  private final List<Integer> streams = new ArrayList<>();
  private final Map<String, Integer> streamOf = new HashMap<>();
  private RowSize rows = RowSize.NONE;

  PlanCompiler(ModelGraph graph, ModelMetadata metadata, KernelFamily kernels) {
    this.graph = graph;
    this.metadata = metadata;
    this.kernels = kernels;
  }

  Plan compile(int threads, Helpers helpers) {
    for (Node node : graph.nodes()) {
      switch (node) {
        case Node.Pixels pixels ->
            steps.add(
                new Step.ReadPhoto(
                    pixels.name(),
                    kernels.photo(pixels.offset()),
                    pixels.shape().columns() * pixels.shape().channels()));
        case Node.Convolution convolution -> head(convolution);
        case Node.Stream stream -> stream(stream);
        case Node.Spikes spikes -> spikes(spikes);
        case Node.OrPool pool ->
            steps.add(
                new Step.Pool(
                    pool.name(), number(pool.input()), newMap(pool), pool.size(), pool.stride()));
        case Node.Upsample upsample -> upsample(upsample);
        case Node.Concat concat -> concat(concat);
      }
    }
    int[] spikeLayers = graph.spikeLayers().stream().mapToInt(this::number).toArray();
    steps.add(new Step.Count("spike counts", spikeLayers));
    Layout layout = new Layout(maps, streams, border(photo()), rows);
    return new Plan(metadata, kernels.name(), steps, layout, spikeLayers, threads, helpers);
  }

  /** Is left to the concatenations where nothing else reads it: they repeat pixels themselves. */
  private void upsample(Node.Upsample upsample) {
    if (graph.spikeLayers().contains(upsample.name())
        || !readers(upsample.name()).allMatch(Node.Concat.class::isInstance)) {
      int input = number(upsample.input());
      steps.add(new Step.Upsample(upsample.name(), input, newMap(upsample), upsample.factor()));
    }
  }

  private void concat(Node.Concat concat) {
    List<String> inputs = concat.inputs();
    int[] maps = new int[inputs.size()];
    int[] factors = new int[inputs.size()];
    for (int i = 0; i < maps.length; i++) {
      if (!mapOf.containsKey(inputs.get(i))
          && graph.node(inputs.get(i)) instanceof Node.Upsample upsample) {
        maps[i] = number(upsample.input());
        factors[i] = upsample.factor();
      } else {
        maps[i] = number(inputs.get(i));
        factors[i] = 1;
      }
    }
    steps.add(new Step.Concat(concat.name(), maps, factors, newMap(concat)));
  }

  private Stream<Node> readers(String name) {
    return graph.nodes().stream().filter(node -> reads(node, name));
  }

  private static boolean reads(Node node, String name) {
    return switch (node) {
      case Node.Pixels _ -> false;
      case Node.Convolution convolution -> convolution.input().equals(name);
      case Node.Stream stream ->
          stream.input().equals(name) || stream.base().filter(name::equals).isPresent();
      case Node.Spikes spikes -> spikes.input().equals(name);
      case Node.OrPool pool -> pool.input().equals(name);
      case Node.Upsample upsample -> upsample.input().equals(name);
      case Node.Concat concat -> concat.inputs().contains(name);
    };
  }

  /**
   * A convolution that is a head, and so is kept as sums; others are made where their spikes are.
   */
  private void head(Node.Convolution convolution) {
    int head = graph.heads().indexOf(convolution.name());
    if (head < 0) {
      return;
    }
    if (!graph.node(convolution.input()).binary()) {
      throw new ModelRefusedException(
          "node '%s': a head reads spikes, not the photo".formatted(convolution.name()));
    }
    ConvolutionShape shape = shape(convolution);
    steps.add(
        new Step.Head(
            convolution.name(),
            kernels.binary(shape, WeightPlanes.of(convolution.weights())),
            number(convolution.input()),
            head,
            shape.output(),
            shape.sumsPerPixel()));
  }

  private void stream(Node.Stream stream) {
    Node.Convolution convolution = convolution(stream.input());
    ConvolutionShape shape = shape(convolution);
    int input = number(convolution.input());
    int base = stream.base().map(name -> number(streamOf, name)).orElse(Step.Stream.NONE);
    List<Step.Stream.Fire> fires = new ArrayList<>();
    boolean kept = false;
    for (Node reader : readers(stream.name()).toList()) {
      if (reader instanceof Node.Spikes spikes) {
        fires.add(
            new Step.Stream.Fire(
                kernels.threshold(spikes.thresholds(), shape.sumsPerPixel()), newMap(spikes)));
      } else {
        kept = true;
      }
    }
    steps.add(
        new Step.Stream(
            stream.name(),
            kernels.binary(shape, WeightPlanes.of(convolution.weights())),
            kernels.stream(stream.factors(), stream.offsets(), shape.sumsPerPixel()),
            input,
            base,
            kept ? newStream(stream.name(), shape) : Step.Stream.NONE,
            shape.output(),
            shape.sumsPerPixel(),
            List.copyOf(fires)));
  }

  private int newStream(String name, ConvolutionShape shape) {
    streams.add(
        Math.addExact(
            RowSums.BEHIND,
            Math.multiplyExact(
                shape.sumsPerPixel(), shape.output().rows() * shape.output().columns())));
    streamOf.put(name, streams.size() - 1);
    return streams.size() - 1;
  }

  private Node.Convolution convolution(String name) {
    if (!(graph.node(name) instanceof Node.Convolution convolution)) {
      throw new ModelRefusedException("node '%s' is no convolution".formatted(name));
    }
    return convolution;
  }

  private void spikes(Node.Spikes spikes) {
    if (graph.node(spikes.input()) instanceof Node.Stream) {
      return; // The stream's step fires them.
    }
    Node.Convolution convolution = convolution(spikes.input());
    ConvolutionShape shape = shape(convolution);
    Threshold threshold = kernels.threshold(spikes.thresholds(), shape.sumsPerPixel());
    if (graph.node(convolution.input()).binary()) {
      steps.add(
          new Step.Hidden(
              spikes.name(),
              kernels.binary(shape, WeightPlanes.of(convolution.weights())),
              threshold,
              number(convolution.input()),
              newMap(spikes)));
    } else {
      PixelConvolution stem = kernels.pixels(shape, convolution.weights());
      steps.add(new Step.Stem(spikes.name(), stem, threshold, newMap(spikes)));
    }
  }

  private ConvolutionShape shape(Node.Convolution convolution) {
    Shape output = graph.shape(convolution.name());
    int perPixel = kernels.sumsPerPixel(output.channels());
    rows =
        rows.andAlso(
            Math.multiplyExact(perPixel, output.columns()),
            convolution.weights().bits(),
            output.columns());
    return new ConvolutionShape(
        output,
        convolution.weights().kernel(),
        convolution.stride(),
        convolution.padding(),
        perPixel);
  }

  private int newMap(Node node) {
    maps.add(new MapPlan(graph.shape(node.name()), border(node.name())));
    mapOf.put(node.name(), maps.size() - 1);
    return maps.size() - 1;
  }

  private int number(String node) {
    return number(mapOf, node);
  }

  private static int number(Map<String, Integer> numbers, String node) {
    Integer number = numbers.get(node);
    if (number == null) {
      throw new ModelRefusedException("node '%s' is read but not made".formatted(node));
    }
    return number;
  }

  private String photo() {
    return graph.nodes().getFirst().name();
  }

  private int border(String node) {
    return readers(node)
        .mapToInt(reader -> reader instanceof Node.Convolution c ? c.padding() : 0)
        .max()
        .orElse(0);
  }
}
