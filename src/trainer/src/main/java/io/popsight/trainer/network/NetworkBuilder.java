package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lays out the blocks of an architecture; libtorch's random generator fills their weights. */
final class NetworkBuilder {

  private static final WeightBits STEM_BITS = WeightBits.EIGHT;
  private static final WeightBits HEAD_BITS = WeightBits.EIGHT;

  /** Nine weights of one bit tell few windows apart; wider ones cost next to nothing here. */
  private static final WeightBits DEPTHWISE_BITS = WeightBits.EIGHT;

  /** Of the heads of a detector, finest first. */
  static final int[] STRIDES = {8, 16, 32};

  private final Architecture architecture;
  private final Parameters parameters;
  private final List<Block> blocks = new ArrayList<>();

  NetworkBuilder(Architecture architecture, Parameters parameters) {
    this.architecture = architecture;
    this.parameters = parameters;
  }

  List<Block> build(Task task, int classes) {
    int channels = architecture.widths().getFirst();
    String map =
        spiking(
            new LayerPlan(
                "stem",
                3,
                channels,
                3,
                architecture.stemStride(),
                false,
                false,
                architecture.bitsOf("stem", STEM_BITS),
                false),
            SpikingDetector.PIXELS);
    List<String> stages = new ArrayList<>();
    for (int s = 1; s <= Architecture.STAGES; s++) {
      int width = architecture.widths().get(s);
      map =
          switch (architecture.kind()) {
            case "vgg" -> vggStage(s, map, channels, width);
            case "mobile" -> mobileStage(s, map, channels, width);
            default -> residualStage(s, map, channels, width);
          };
      channels = width;
      stages.add(map);
    }
    switch (task) {
      case DETECTION -> heads(stages.subList(1, stages.size()), classes);
      case CLASSIFICATION -> {
        int stride = STRIDES[STRIDES.length - 1] / 2 * architecture.stemStride();
        head(HeadLayer.ofPhotos(parameters, stride, channels, classes, headBits(stride)), map);
      }
    }
    architecture.requireUsed(weighted());
    return List.copyOf(blocks);
  }

  private String vggStage(int stage, String input, int in, int width) {
    String map = input;
    for (int u = 1; u <= architecture.units().get(stage - 1); u++) {
      String name = "stage%d.conv%d".formatted(stage, u);
      map = spiking(plan(name, u == 1 ? in : width, width, 3, 1, u == 1), map);
    }
    return map;
  }

  private String residualStage(int stage, String input, int in, int width) {
    String name = "stage" + stage;
    String stream = stream(plan(name + ".down", in, width, 3, 2, false), input, Optional.empty());
    for (int u = 1; u <= architecture.units().get(stage - 1); u++) {
      String unit = "%s.unit%d".formatted(name, u);
      String fired = fire(unit + ".in", stream);
      stream = stream(plan(unit, width, width, 3, 1, false), fired, Optional.of(stream));
    }
    return fire(name + ".out", stream);
  }

  /** Depthwise where the residual stage looks around, pointwise onto the stream. */
  private String mobileStage(int stage, String input, int in, int width) {
    String name = "stage" + stage;
    String looked = spiking(depthwise(name + ".down.depth", in, 2), input);
    String stream = stream(plan(name + ".down", in, width, 1, 1, false), looked, Optional.empty());
    for (int u = 1; u <= architecture.units().get(stage - 1); u++) {
      String unit = "%s.unit%d".formatted(name, u);
      looked = spiking(depthwise(unit + ".depth", width, 1), fire(unit + ".in", stream));
      stream = stream(plan(unit, width, width, 1, 1, false), looked, Optional.of(stream));
    }
    return fire(name + ".out", stream);
  }

  /**
   * From coarse to fine where there is a neck, so that fine cells know what coarse ones saw (Lin et
   * al., "Feature Pyramid Networks", CVPR 2017).
   */
  private void heads(List<String> stages, int classes) {
    int neck = architecture.neck();
    String[] features = stages.toArray(String[]::new);
    int[] widths = new int[features.length];
    String above = "";
    for (int s = features.length - 1; s >= 0; s--) {
      int width = architecture.widths().get(s + 2);
      widths[s] = neck == 0 ? width : neck;
      if (neck == 0) {
        continue;
      }
      String name = "neck" + STRIDES[s];
      if (above.isEmpty()) {
        features[s] = spiking(plan(name, width, neck, 1, 1, false), features[s]);
      } else {
        blocks.add(new Block.Upsample(name + ".up", above));
        blocks.add(new Block.Concat(name + ".both", List.of(features[s], name + ".up")));
        features[s] = spiking(plan(name, width + neck, neck, 3, 1, false), name + ".both");
      }
      above = features[s];
    }
    for (int s = 0; s < features.length; s++) {
      String name = "head%d.conv".formatted(STRIDES[s]);
      String map = spiking(plan(name, widths[s], widths[s], 3, 1, false), features[s]);
      head(
          HeadLayer.ofBoxes(parameters, STRIDES[s], widths[s], classes, headBits(STRIDES[s])), map);
    }
  }

  private WeightBits headBits(int stride) {
    return architecture.bitsOf("head" + stride, HEAD_BITS);
  }

  private void head(HeadLayer layer, String input) {
    blocks.add(new Block.Head(layer, input));
  }

  private LayerPlan plan(String name, int in, int out, int kernel, int stride, boolean pooled) {
    WeightBits bits = architecture.bitsOf(name, architecture.weightBits());
    return new LayerPlan(name, in, out, kernel, stride, false, pooled, bits, architecture.adder());
  }

  private LayerPlan depthwise(String name, int channels, int stride) {
    WeightBits bits = architecture.bitsOf(name, DEPTHWISE_BITS);
    return new LayerPlan(name, channels, channels, 3, stride, true, false, bits, false);
  }

  private Activation activation(String name, int channels) {
    if (architecture.twin()) {
      return new Relu();
    }
    return architecture.spike().signs()
        ? new Sign(channels)
        : new HoyerSpike(
            parameters, name, channels, architecture.threshold(), architecture.spike());
  }

  /** Names of the layers that have weights. */
  private List<String> weighted() {
    return blocks.stream()
        .filter(
            b -> b instanceof Block.Spiking || b instanceof Block.Stream || b instanceof Block.Head)
        .map(Block::name)
        .toList();
  }

  private String spiking(LayerPlan plan, String input) {
    blocks.add(
        new Block.Spiking(
            new ConvolutionLayer(parameters, plan),
            activation(plan.name(), plan.outChannels()),
            input));
    return plan.name();
  }

  private String stream(LayerPlan plan, String input, Optional<String> base) {
    blocks.add(new Block.Stream(new ConvolutionLayer(parameters, plan), input, base));
    return plan.name();
  }

  private String fire(String name, String stream) {
    int channels =
        blocks.stream()
            .filter(block -> block.name().equals(stream))
            .map(block -> ((Block.Stream) block).convolution().plan().outChannels())
            .findFirst()
            .orElseThrow();
    blocks.add(new Block.Fire(name, activation(name, channels), stream));
    return name;
  }
}
