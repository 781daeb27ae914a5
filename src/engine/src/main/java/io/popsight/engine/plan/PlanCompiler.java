package io.popsight.engine.plan;

import io.popsight.backend.Helpers;
import io.popsight.backend.PlanStep;
import io.popsight.engine.conv.ConvolutionShape;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.MembraneUpdate;
import io.popsight.engine.conv.PixelConvolution;
import io.popsight.engine.conv.RowSums;
import io.popsight.engine.conv.Threshold;
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
  private final Uses uses;
  private final PlanNotes notes;
  private final ModelMetadata metadata;
  private final KernelFamily kernels;
  private final ConvolutionKernels convolutions;
  private final List<Step> steps = new ArrayList<>();
  private final List<PlanStep> told = new ArrayList<>();
  private final List<MapPlan> maps = new ArrayList<>();
  private final Map<String, Integer> mapOf = new HashMap<>();
  private final List<Integer> streams = new ArrayList<>();
  private final Map<String, Integer> streamOf = new HashMap<>();
  private RowSize rows = RowSize.NONE;

  PlanCompiler(ModelGraph graph, ModelMetadata metadata, KernelFamily kernels, EventChoice choice) {
    this.graph = graph;
    this.uses = new Uses(graph);
    this.notes = new PlanNotes(graph);
    this.metadata = metadata;
    this.kernels = kernels;
    this.convolutions = new ConvolutionKernels(kernels, choice);
  }

  Plan compile(int threads, Helpers helpers) {
    for (Node node : graph.nodes()) {
      switch (node) {
        case Node.Pixels pixels -> pixels(pixels);
        case Node.Convolution convolution -> head(convolution);
        case Node.Stream stream -> stream(stream);
        case Node.MaxPool _ -> {
          // Is made where the membrane is that reads it.
        }
        case Node.Membrane membrane -> membrane(membrane);
        case Node.Spikes spikes -> spikes(spikes);
        case Node.OrPool pool -> pool(pool);
        case Node.Upsample upsample -> upsample(upsample);
        case Node.Concat concat -> concat(concat);
      }
    }
    int[] spikeLayers = graph.spikeLayers().stream().mapToInt(this::number).toArray();
    add(new Step.Count("spike counts", spikeLayers), "add up the ones of each layer", 0, List.of());
    Layout layout = new Layout(maps, streams, uses.border(photo()), rows);
    return new Plan(metadata, kernels.name(), steps, told, layout, spikeLayers, threads, helpers);
  }

  private void pixels(Node.Pixels pixels) {
    int bytesPerRow = pixels.shape().columns() * pixels.shape().channels();
    add(
        new Step.ReadPhoto(pixels.name(), kernels.photo(pixels.offset()), bytesPerRow),
        "bytes to floats",
        (long) pixels.shape().values() * (1 + Float.BYTES),
        List.of());
  }

  private void pool(Node.OrPool pool) {
    add(
        new Step.Pool(pool.name(), number(pool.input()), newMap(pool), pool.size(), pool.stride()),
        "or over %dx%d".formatted(pool.size(), pool.size()),
        notes.bytes(pool.input()) + notes.bytes(pool.name()),
        List.of());
  }

  private void add(Step step, String work, long bytes, List<String> layers) {
    steps.add(step);
    told.add(new PlanStep(step.name(), work, bytes, layers));
  }

  /** Is left to the concatenations where nothing else reads it: they repeat pixels themselves. */
  private void upsample(Node.Upsample upsample) {
    if (graph.spikeLayers().contains(upsample.name())
        || !uses.readers(upsample.name()).allMatch(Node.Concat.class::isInstance)) {
      int input = number(upsample.input());
      add(
          new Step.Upsample(upsample.name(), input, newMap(upsample), upsample.factor()),
          "repeat pixels",
          notes.bytes(upsample.input()) + notes.bytes(upsample.name()),
          notes.fired(List.of(upsample.name())));
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
    add(
        new Step.Concat(concat.name(), maps, factors, newMap(concat)),
        "channels of %d maps".formatted(maps.length),
        2 * notes.bytes(concat.name()),
        notes.fired(List.of(concat.name())));
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
    SpikeKernel kernel = kernel(shape, convolution);
    add(
        new Step.Head(
            convolution.name(),
            kernel.convolution(),
            number(convolution.input()),
            head,
            shape.output(),
            shape.sumsPerPixel()),
        PlanNotes.work(convolution, kernel.how(), "sums"),
        kernel.bytes() + notes.bytes(convolution.input()) + notes.bytes(convolution.name()),
        List.of());
  }

  private void stream(Node.Stream stream) {
    Node.Convolution convolution = convolution(stream.input());
    ConvolutionShape shape = shape(convolution);
    SpikeKernel kernel = kernel(shape, convolution);
    int input = number(convolution.input());
    int base = stream.base().map(name -> number(streamOf, name)).orElse(Step.Stream.NONE);
    List<Node.Spikes> spikes = spikesOf(stream.name());
    List<Step.Stream.Fire> fires = fires(spikes, shape.sumsPerPixel());
    boolean kept = uses.readers(stream.name()).count() > spikes.size();
    long streams = (kept ? 1 : 0) + stream.base().stream().count();
    add(
        new Step.Stream(
            stream.name(),
            kernel.convolution(),
            kernels.stream(stream.factors(), stream.offsets(), shape.sumsPerPixel()),
            input,
            base,
            kept
                ? newStream(stream.name(), shape.output(), shape.sumsPerPixel())
                : Step.Stream.NONE,
            shape.output(),
            shape.sumsPerPixel(),
            fires),
        PlanNotes.work(
            convolution,
            kernel.how(),
            (base == Step.Stream.NONE ? "a stream" : "onto the stream") + ", fire"),
        kernel.bytes()
            + notes.bytes(convolution.input())
            + streams * notes.bytes(stream.name())
            + notes.bytes(spikes),
        notes.firedBy(spikes));
  }

  private int newStream(String name, Shape output, int sumsPerPixel) {
    streams.add(
        Math.addExact(
            RowSums.BEHIND, Math.multiplyExact(sumsPerPixel, output.rows() * output.columns())));
    streamOf.put(name, streams.size() - 1);
    return streams.size() - 1;
  }

  /** A membrane lies over that of the step before, which nobody else carries on. */
  private void membrane(Node.Membrane membrane) {
    String name = membrane.name();
    Shape shape = graph.shape(name);
    int sumsPerPixel = kernels.sumsPerPixel(shape.channels());
    boolean first = membrane.previous().isEmpty();
    List<Node.Spikes> spikes = spikesOf(name);
    List<Step.Stream.Fire> fires = fires(spikes, sumsPerPixel);
    int state =
        membrane
            .previous()
            .map(previous -> number(streamOf, previous))
            .orElseGet(() -> newStream(name, shape, sumsPerPixel));
    streamOf.put(name, state);
    Moved moved = moved(membrane, sumsPerPixel, first);
    MembraneUpdate update =
        new MembraneUpdate(
            first, membrane.leak(), membrane.shift(), membrane.offsets(), resets(name));
    add(
        new Step.Membrane(name, moved.source(), update, state, shape, sumsPerPixel, fires),
        moved.work() + ", fire",
        moved.bytes() + notes.bytes(name) + notes.bytes(spikes),
        notes.firedBy(spikes));
  }

  /** What spikes take off a membrane for the step after; empty where they take nothing. */
  private int[] resets(String membrane) {
    return uses.readers(membrane)
        .filter(Node.Membrane.class::isInstance)
        .flatMap(next -> ((Node.Membrane) next).reset().stream())
        .map(reset -> ((Node.Spikes) graph.node(reset)).thresholds())
        .findFirst()
        .orElse(new int[0]);
  }

  /** What a membrane moves by, in a plan's terms. */
  private record Moved(Step.Source source, String work, long bytes) {}

  private Moved moved(Node.Membrane membrane, int sumsPerPixel, boolean first) {
    String input = membrane.input();
    return switch (graph.node(input)) {
      case Node.Stream stream ->
          new Moved(
              new Step.Source.OfStream(
                  number(streamOf, input), graph.shape(input).columns() * sumsPerPixel),
              first ? "the stream into a membrane" : "the stream onto the membrane",
              notes.bytes(stream.name()));
      case Node.MaxPool pool -> {
        Moved unpooled = moved(convolution(pool.input()), first);
        yield new Moved(pooled(unpooled.source(), pool), unpooled.work(), unpooled.bytes());
      }
      default -> moved(convolution(input), first);
    };
  }

  private Moved moved(Node.Convolution convolution, boolean first) {
    ConvolutionShape shape = shape(convolution);
    String then = first ? "a membrane" : "onto the membrane";
    String input = convolution.input();
    if (!graph.node(input).binary()) {
      return new Moved(
          new Step.Source.OfPhoto(convolutions.pixels(shape, convolution)),
          PlanNotes.work(convolution, "", then),
          notes.bytes(input));
    }
    SpikeKernel kernel = kernel(shape, convolution);
    return new Moved(
        new Step.Source.OfSpikes(kernel.convolution(), number(input)),
        PlanNotes.work(convolution, kernel.how(), then),
        kernel.bytes() + notes.bytes(input));
  }

  private Step.Source.Pooled pooled(Step.Source sums, Node.MaxPool pool) {
    Shape unpooled = graph.shape(pool.input());
    int sumsPerPixel = kernels.sumsPerPixel(unpooled.channels());
    int from = Step.Source.Pooled.behind(unpooled.columns(), sumsPerPixel);
    int columns = graph.shape(pool.name()).columns();
    rows = rows.andAlso(from + columns * sumsPerPixel, columns);
    return new Step.Source.Pooled(sums, pool.size(), pool.stride(), columns, sumsPerPixel, from);
  }

  /** What a stream or a membrane fires. */
  private List<Node.Spikes> spikesOf(String node) {
    return uses.readers(node)
        .filter(Node.Spikes.class::isInstance)
        .map(Node.Spikes.class::cast)
        .toList();
  }

  private List<Step.Stream.Fire> fires(List<Node.Spikes> spikes, int sumsPerPixel) {
    return spikes.stream()
        .map(
            one ->
                new Step.Stream.Fire(
                    kernels.threshold(one.thresholds(), sumsPerPixel), newMap(one)))
        .toList();
  }

  private Node.Convolution convolution(String name) {
    if (!(graph.node(name) instanceof Node.Convolution convolution)) {
      throw new ModelRefusedException("node '%s' is no convolution".formatted(name));
    }
    return convolution;
  }

  private void spikes(Node.Spikes spikes) {
    if (graph.node(spikes.input()) instanceof Node.Stream
        || graph.node(spikes.input()) instanceof Node.Membrane) {
      return; // The step of what they read fires them.
    }
    Node.Convolution convolution = convolution(spikes.input());
    ConvolutionShape shape = shape(convolution);
    Threshold threshold = kernels.threshold(spikes.thresholds(), shape.sumsPerPixel());
    List<String> fires = new ArrayList<>(List.of(spikes.name()));
    uses.readers(spikes.name())
        .filter(Node.OrPool.class::isInstance)
        .map(Node::name)
        .forEach(fires::add);
    if (graph.node(convolution.input()).binary()) {
      SpikeKernel kernel = kernel(shape, convolution);
      add(
          new Step.Hidden(
              spikes.name(),
              kernel.convolution(),
              threshold,
              number(convolution.input()),
              newMap(spikes)),
          PlanNotes.work(convolution, kernel.how(), "fire"),
          kernel.bytes() + notes.bytes(convolution.input()) + notes.bytes(spikes.name()),
          notes.fired(fires));
    } else {
      PixelConvolution stem = convolutions.pixels(shape, convolution);
      add(
          new Step.Stem(spikes.name(), stem, threshold, newMap(spikes)),
          PlanNotes.work(convolution, "", "fire"),
          notes.bytes(convolution.input()) + notes.bytes(spikes.name()),
          notes.fired(fires));
    }
  }

  private ConvolutionShape shape(Node.Convolution convolution) {
    Shape output = graph.shape(convolution.name());
    int perPixel = kernels.sumsPerPixel(output.channels());
    rows = rows.andAlso(Math.multiplyExact(perPixel, output.columns()), output.columns());
    return new ConvolutionShape(
        output,
        convolution.weights().kernel(),
        convolution.stride(),
        convolution.padding(),
        perPixel);
  }

  private SpikeKernel kernel(ConvolutionShape shape, Node.Convolution convolution) {
    SpikeKernel kernel = convolutions.spikes(shape, convolution);
    rows = rows.andAlso(kernel.convolution());
    return kernel;
  }

  private int newMap(Node node) {
    maps.add(new MapPlan(graph.shape(node.name()), uses.border(node.name())));
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
}
