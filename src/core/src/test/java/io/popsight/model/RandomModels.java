package io.popsight.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Detectors of random shape for tests: everything that the subset allows, chosen by a seed. */
public final class RandomModels {

  private RandomModels() {}

  /** A model file made from a seed; the same seed gives the same bytes. */
  public static byte[] file(long seed) {
    return file(seed, 0.2);
  }

  /** The same, told to have spiked at a rate when it was trained. */
  public static byte[] file(long seed, double rate) {
    Random random = new Random(seed);
    int height = 8 + random.nextInt(40);
    int width = 8 + random.nextInt(40);
    List<Node> nodes = new ArrayList<>();
    List<Node> counted = new ArrayList<>();
    Shape shape = new Shape(3, height, width);
    nodes.add(new Node.Pixels("photo", shape, random.nextBoolean() ? 128 : 0));
    String input = "photo";
    int layers = 1 + random.nextInt(5);
    for (int l = 0; l < layers; l++) {
      String name = "layer" + l;
      int kernel = random.nextInt(4) == 0 ? 1 : 3;
      int bits = l == 0 ? 8 : 1 << random.nextInt(4);
      Node.Convolution sums =
          new Node.Convolution(
              name + ".sum",
              input,
              weights(random, channels(random), shape.channels(), kernel, bits),
              1 + random.nextInt(2),
              kernel == 1 ? 0 : random.nextInt(2));
      if (shape.rows() + 2 * sums.padding() < kernel
          || shape.columns() + 2 * sums.padding() < kernel) {
        break;
      }
      nodes.add(sums);
      shape = outputOf(nodes);
      if (random.nextInt(4) == 0) {
        String moving = sums.name();
        if (random.nextBoolean() && shape.rows() >= 3 && shape.columns() >= 3) {
          moving = name + ".largest";
          nodes.add(
              new Node.MaxPool(moving, sums.name(), 2 + random.nextInt(2), 1 + random.nextInt(2)));
        }
        steps(random, nodes, name, moving);
        shape = outputOf(nodes);
      } else {
        nodes.add(new Node.Spikes(name, sums.name(), thresholds(random, sums.weights(), l == 0)));
      }
      input = name;
      if (random.nextInt(3) == 0 && shape.rows() >= 2 && shape.columns() >= 2) {
        nodes.add(new Node.OrPool(name + ".pool", name, 2, 2));
        shape = outputOf(nodes);
        input = name + ".pool";
      }
      counted.add(nodes.getLast());
      if (random.nextInt(3) == 0) {
        input = residualUnit(random, nodes, name, input, shape.channels());
        shape = outputOf(nodes);
        counted.add(nodes.getLast());
      }
      if (random.nextInt(3) == 0 && shape.rows() > 2 && shape.columns() > 2) {
        input = grouped(random, nodes, name, input, shape.channels());
        shape = outputOf(nodes);
        counted.add(nodes.getLast());
      }
      if (random.nextInt(3) == 0 && shape.rows() * shape.columns() < 500) {
        input = upsampledBesideItself(random, nodes, name, input);
        shape = outputOf(nodes);
        counted.add(nodes.getLast());
      }
    }
    return finish(random, nodes, counted, input, height, width, rate);
  }

  /** One initializer that two convolutions read, in two groups and in one. */
  public static byte[] sharedInitializer() {
    Random random = new Random(1);
    List<Node> nodes = new ArrayList<>();
    nodes.add(new Node.Pixels("photo", new Shape(3, 20, 20), 0));
    Weights shared = weights(random, 8, 4, 3, 1);
    for (int groups = 1; groups <= 2; groups++) {
      String stem = "stem" + groups;
      Weights own = weights(random, 4 * groups, 3, 3, 8);
      nodes.add(new Node.Convolution(stem + ".sum", "photo", own, 1, 1));
      nodes.add(new Node.Spikes(stem, stem + ".sum", thresholds(random, own, true)));
      nodes.add(new Node.Convolution("sum" + groups, stem, shared, 1, 1, groups));
      nodes.add(new Node.Spikes("fired" + groups, "sum" + groups, integers(random, 8, 3)));
    }
    List<Node> counted = nodes.stream().filter(node -> node.name().startsWith("fired")).toList();
    return finish(random, nodes, counted, "fired2", 20, 20, 0.2);
  }

  /** Depthwise mostly, else two groups where the number of channels is even. */
  private static String grouped(
      Random random, List<Node> nodes, String name, String input, int channels) {
    int groups = channels % 2 == 0 && random.nextInt(3) == 0 ? 2 : channels;
    int in = channels / groups;
    int out = in == 1 ? channels : groups * (1 + random.nextInt(40));
    Weights weights = weights(random, out, in, 3, 1 << random.nextInt(4));
    String sums = name + ".grouped.sum";
    int stride = 1 + random.nextInt(2);
    nodes.add(new Node.Convolution(sums, input, weights, stride, random.nextInt(2), groups));
    nodes.add(new Node.Spikes(name + ".grouped", sums, thresholds(random, weights, false)));
    return name + ".grouped";
  }

  /** A stream that starts with one layer, is added to by another, and fires. */
  private static String residualUnit(
      Random random, List<Node> nodes, String name, String input, int in) {
    int channels = channels(random);
    Weights first = weights(random, channels, in, 3, 1);
    nodes.add(new Node.Convolution(name + ".start.sum", input, first, 1, 1));
    nodes.add(
        new Node.Stream(
            name + ".start",
            name + ".start.sum",
            Optional.empty(),
            integers(random, channels, 900),
            integers(random, channels, 5000)));
    nodes.add(fired(random, name + ".start", channels));
    Weights second = weights(random, channels, channels, 3, 1 + random.nextInt(2));
    nodes.add(new Node.Convolution(name + ".unit.sum", name + ".start.fired", second, 1, 1));
    nodes.add(
        new Node.Stream(
            name + ".unit",
            name + ".unit.sum",
            Optional.of(name + ".start"),
            integers(random, channels, 900),
            integers(random, channels, 5000)));
    if (random.nextInt(3) == 0) {
      steps(random, nodes, name + ".unit.fired", name + ".unit");
    } else {
      nodes.add(fired(random, name + ".unit", channels));
    }
    return name + ".unit.fired";
  }

  /** Membranes that the same integers move on for some steps, and all of their spikes. */
  private static void steps(Random random, List<Node> nodes, String name, String integers) {
    int channels = new ModelGraph(nodes, List.of(), List.of()).shape(integers).channels();
    int[] leaks = {256, 256, 255, 131, 0};
    int leak = leaks[random.nextInt(leaks.length)];
    int shift = random.nextInt(4);
    boolean resets = random.nextBoolean();
    List<String> fired = new ArrayList<>();
    for (int t = 0; t < 2 + random.nextInt(3); t++) {
      String membrane = name + ".membrane" + t;
      nodes.add(
          new Node.Membrane(
              membrane,
              integers,
              t == 0 ? Optional.empty() : Optional.of(name + ".membrane" + (t - 1)),
              t == 0 ? 256 : leak,
              shift,
              integers(random, channels, 300),
              t > 0 && resets ? Optional.of(fired.getLast()) : Optional.empty()));
      fired.add(name + ".t" + t);
      nodes.add(
          new Node.Spikes(fired.getLast(), membrane, integers(random, channels, 400 << shift)));
    }
    nodes.add(new Node.Concat(name, fired));
  }

  private static Node.Spikes fired(Random random, String stream, int channels) {
    return new Node.Spikes(stream + ".fired", stream, integers(random, channels, 20_000));
  }

  /** Twice the size, beside a layer of twice the size: odd numbers of channels meet in a word. */
  private static String upsampledBesideItself(
      Random random, List<Node> nodes, String name, String input) {
    int channels = new ModelGraph(nodes, List.of(), List.of()).shape(input).channels();
    int factor = 1 + random.nextInt(2);
    nodes.add(new Node.Upsample(name + ".up", input, factor));
    Weights weights = weights(random, channels(random), channels, 1, 1);
    // An upsampled map is read by the concatenation alone, or by a convolution too.
    String again = channels % 2 == 0 ? name + ".up" : name + ".again";
    if (channels % 2 != 0) {
      nodes.add(new Node.Upsample(again, input, factor));
    }
    nodes.add(new Node.Convolution(name + ".beside.sum", again, weights, 1, 0));
    nodes.add(
        new Node.Spikes(
            name + ".beside", name + ".beside.sum", thresholds(random, weights, false)));
    nodes.add(
        new Node.Concat(name + ".both", List.of(name + ".up", name + ".beside", name + ".up")));
    return name + ".both";
  }

  private static int[] integers(Random random, int length, int bound) {
    return random.ints(length, -bound, bound).toArray();
  }

  private static byte[] finish(
      Random random,
      List<Node> nodes,
      List<Node> counted,
      String input,
      int height,
      int width,
      double rate) {
    int labels = 1 + random.nextInt(5);
    List<HeadMap> heads = new ArrayList<>();
    List<String> headNames = new ArrayList<>();
    for (int h = 0; h < 1 + random.nextInt(2); h++) {
      String name = "sum_" + (8 << h);
      int channels = new ModelGraph(nodes, List.of(), List.of()).shape(input).channels();
      nodes.add(
          new Node.Convolution(name, input, weights(random, 4 + labels, channels, 1, 8), 1, 0));
      Shape shape = outputOf(nodes);
      heads.add(
          new HeadMap(
              8 << h,
              shape.rows(),
              shape.columns(),
              uniform(random, 4 + labels, 0.001f, 0.02f),
              uniform(random, 4 + labels, -1, 1)));
      headNames.add(name);
    }
    List<String> countedNames = counted.stream().map(Node::name).toList();
    ModelGraph graph = new ModelGraph(nodes, headNames, countedNames);
    List<SpikeLayer> spikeLayers =
        countedNames.stream()
            .map(
                name -> {
                  Shape s = graph.shape(name);
                  return new SpikeLayer(name, s.channels(), s.rows(), s.columns(), 1, rate);
                })
            .toList();
    List<String> names = new ArrayList<>();
    for (int l = 0; l < labels; l++) {
      names.add("class" + l);
    }
    ModelMetadata metadata =
        new ModelMetadata(
            ModelMetadata.FORMAT,
            "random",
            "1",
            names,
            height,
            width,
            ModelMetadata.ANCHOR_FREE,
            heads,
            spikeLayers,
            0.3f,
            0.5f,
            new Training("none", "none", 0, 0, "none", 0, 0));
    return OnnxGraphWriter.write(graph, metadata);
  }

  /** Pixels for a scratch, with flat stretches, so that sums meet thresholds exactly. */
  public static void fillPixels(long seed, byte[] pixels) {
    Random random = new Random(seed);
    random.nextBytes(pixels);
    int from = random.nextInt(pixels.length);
    Arrays.fill(
        pixels, from, from + random.nextInt(pixels.length - from), (byte) random.nextInt(256));
  }

  private static Shape outputOf(List<Node> nodes) {
    return new ModelGraph(nodes, List.of(), List.of()).shape(nodes.getLast().name());
  }

  private static int channels(Random random) {
    int[] usual = {1, 7, 8, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 130, 200};
    return usual[random.nextInt(usual.length)];
  }

  private static Weights weights(Random random, int out, int in, int kernel, int bits) {
    byte[] values = new byte[out * in * kernel * kernel];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          (byte)
              switch (bits) {
                case 1 -> random.nextBoolean() ? 1 : -1;
                case 2 -> random.nextInt(3) - 1;
                case 4 -> random.nextInt(15) - 7;
                default -> random.nextInt(255) - 127;
              };
    }
    return new Weights(out, in, kernel, values);
  }

  /** Around the middle of the sums, at both ends (always and never firing) and just beyond. */
  private static int[] thresholds(Random random, Weights weights, boolean stem) {
    int[] thresholds = new int[weights.outChannels()];
    for (int c = 0; c < thresholds.length; c++) {
      int factor = stem ? 100 : 1;
      int low = weights.negativeSum(c) * factor;
      int high = weights.positiveSum(c) * factor;
      thresholds[c] =
          switch (random.nextInt(8)) {
            case 0 -> low;
            case 1 -> high + 1;
            case 2 -> high;
            default -> (low + high) / 4 + random.nextInt(Math.max(1, (high - low) / 8));
          };
    }
    return thresholds;
  }

  private static float[] uniform(Random random, int length, float from, float to) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat(from, to);
    }
    return values;
  }
}
