package io.popsight.engine.plan;

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

  Plan compile() {
    for (Node node : graph.nodes()) {
      switch (node) {
        case Node.Pixels pixels -> steps.add(new Step.ReadPhoto(pixels.name(), pixels.offset()));
        case Node.Convolution convolution -> head(convolution);
        case Node.Stream stream -> stream(stream);
        case Node.Spikes spikes -> spikes(spikes);
        case Node.OrPool pool ->
            steps.add(
                new Step.Pool(
                    pool.name(), number(pool.input()), newMap(pool), pool.size(), pool.stride()));
        case Node.Upsample upsample ->
            steps.add(
                new Step.Upsample(
                    upsample.name(),
                    number(upsample.input()),
                    newMap(upsample),
                    upsample.factor()));
        case Node.Concat concat ->
            steps.add(
                new Step.Concat(
                    concat.name(),
                    concat.inputs().stream().mapToInt(this::number).toArray(),
                    newMap(concat)));
      }
      count(node.name());
    }
    return new Plan(metadata, kernels.name(), steps, maps, streams, border(photo()), rows);
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
    int base = stream.base().map(name -> number(streamOf, name)).orElse(Step.Stream.NO_BASE);
    streams.add(
        Math.addExact(
            RowSums.BEHIND,
            Math.multiplyExact(
                shape.sumsPerPixel(), shape.output().rows() * shape.output().columns())));
    streamOf.put(stream.name(), streams.size() - 1);
    steps.add(
        new Step.Stream(
            stream.name(),
            kernels.binary(shape, WeightPlanes.of(convolution.weights())),
            kernels.stream(stream.factors(), stream.offsets(), shape.sumsPerPixel()),
            number(convolution.input()),
            base,
            streams.size() - 1,
            shape.output(),
            shape.sumsPerPixel()));
  }

  private Node.Convolution convolution(String name) {
    if (!(graph.node(name) instanceof Node.Convolution convolution)) {
      throw new ModelRefusedException("node '%s' is no convolution".formatted(name));
    }
    return convolution;
  }

  private void spikes(Node.Spikes spikes) {
    if (graph.node(spikes.input()) instanceof Node.Stream stream) {
      int perPixel = kernels.sumsPerPixel(graph.shape(stream.name()).channels());
      steps.add(
          new Step.Fire(
              spikes.name(),
              kernels.threshold(spikes.thresholds(), perPixel),
              number(streamOf, stream.name()),
              newMap(spikes),
              perPixel));
      return;
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

  private void count(String node) {
    for (int layer = 0; layer < graph.spikeLayers().size(); layer++) {
      if (graph.spikeLayers().get(layer).equals(node)) {
        steps.add(new Step.Count(node, number(node), layer));
      }
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
    int border = 0;
    for (Node reader : graph.nodes()) {
      if (reader instanceof Node.Convolution convolution && convolution.input().equals(node)) {
        border = Math.max(border, convolution.padding());
      }
    }
    return border;
  }
}
