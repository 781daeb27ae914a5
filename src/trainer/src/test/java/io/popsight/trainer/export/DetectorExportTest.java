package io.popsight.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.InferenceBackend;
import io.popsight.backend.Scratch;
import io.popsight.detection.Detection;
import io.popsight.detection.DetectionLimits;
import io.popsight.detection.Detector;
import io.popsight.geometry.BoundingBox;
import io.popsight.geometry.Letterbox;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.trainer.network.Architecture;
import io.popsight.trainer.network.Architectures;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.FileWeights;
import io.popsight.trainer.network.Fresh;
import io.popsight.trainer.network.RegularizerScope;
import io.popsight.trainer.network.SpikeRule;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.Statistics;
import io.popsight.trainer.network.Task;
import io.popsight.trainer.network.ThresholdScope;
import io.popsight.trainer.network.WeightBits;
import io.popsight.trainer.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exported file fires, and says, as the training graph does. */
class DetectorExportTest {

  private static final int SIDE = 96;
  private static final int BATCH = 8;

  @ParameterizedTest
  @CsvSource({
    "vgg,1,CHANNEL,1e-4",
    "vgg,4,LAYER,1e-4",
    "residual,1,CHANNEL,1e-4",
    "residual,1,LAYER,5e-3",
    "residual,1,FIXED,1e-4",
    "residual,2,CHANNEL,1e-4",
    "residual,8,CHANNEL,5e-3",
    "mobile,1,CHANNEL,5e-3",
    "mobile,8,LAYER,5e-3"
  })
  void integerFile_firesAsTheTrainingGraph(
      String kind, String bits, ThresholdScope threshold, double share) {
    SpikingDetector network = network(architecture(kind, bits, threshold));

    // Only sums that stand at a threshold may round the other way, streams' fixed point moves a few
    // more of them, and each flip flips others behind it.
    assertFiresAlike(network, "popcount", share);
    assertBackendsAgree(network);
  }

  @ParameterizedTest
  @CsvSource({"vgg,1e-4", "residual,1e-4", "mobile,1e-4"})
  void floatWeights_fireAsTheTrainingGraph_onTheOnnxBackend(String kind, double share) {
    assertFiresAlike(network(architecture(kind, "float", ThresholdScope.CHANNEL)), "onnx", share);
  }

  @ParameterizedTest
  @CsvSource({"vgg,1,1e-3", "vgg,float,1e-3", "residual,1,2e-3"})
  void signs_fireAsTheTrainingGraph_onTheOnnxBackend(String kind, String bits, double share) {
    Architecture signs =
        Architectures.withSpike(
            architecture(kind, bits, ThresholdScope.CHANNEL),
            new SpikeRule(true, 2, true, RegularizerScope.EXTREMUM, 1, 1, false));

    assertFiresAlike(network(signs), "onnx", share);
  }

  @ParameterizedTest
  @CsvSource({
    "residual,2,1,false",
    "residual,4,1,false",
    "residual,2,0.7,false",
    "residual,3,0.9,true",
    "residual,4,1,true",
    "mobile,2,0.9,true",
    "vgg,2,1,false",
    "vgg,3,0.9,true"
  })
  void severalSteps_fireAsTheTrainingGraph_onBothBackends(
      String kind, int steps, double leak, boolean softReset) {
    SpikingDetector network =
        network(
            Architectures.withSpike(
                architecture(kind, "1", ThresholdScope.CHANNEL),
                new SpikeRule(false, 2, true, RegularizerScope.EXTREMUM, steps, leak, softReset)));

    assertFiresAlike(network, "popcount", 5e-3);
    assertBackendsAgree(network);
  }

  /** To the bit: what heads say, and how many units of each layer fired. */
  private static void assertBackendsAgree(SpikingDetector network) {
    byte[] pixels = pixels();
    try (CompiledModel popcount = compile(network, "popcount");
        CompiledModel onnx = compile(network, "onnx")) {
      Scratch counted = run(popcount, pixels);
      Scratch multiplied = run(onnx, pixels);
      assertThat(counted.headSums()).isDeepEqualTo(multiplied.headSums());
      assertThat(counted.spikeCounts()).isDeepEqualTo(multiplied.spikeCounts());
    }
  }

  @Test
  void oneStep_isTheFileOfANetworkWithoutSteps() {
    Architecture plain = architecture("residual", "1", ThresholdScope.CHANNEL);
    Architecture leaking =
        Architectures.withSpike(
            plain, new SpikeRule(false, 2, true, RegularizerScope.EXTREMUM, 1, 0.5, true));

    assertThat(DetectorExport.write(network(leaking), facts()))
        .isEqualTo(DetectorExport.write(network(plain), facts()));
  }

  @Test
  void singleLayersOfOtherBits_fireAsTheTrainingGraph() {
    SequencedMap<String, WeightBits> layers = new LinkedHashMap<>();
    layers.put("stage1.*", WeightBits.FOUR);
    layers.put("neck*", WeightBits.TERNARY);
    Architecture architecture =
        Architectures.withLayers(architecture("residual", "1", ThresholdScope.CHANNEL), layers);
    assertFiresAlike(network(architecture), "popcount", 1e-3);

    layers.put("stage2.unit1", WeightBits.FLOAT);
    SpikingDetector mixed = network(Architectures.withLayers(architecture, layers));
    assertFiresAlike(mixed, "onnx", 1e-3);
    assertRefused(mixed, "stage2.unit1");
  }

  @Test
  void patternThatNamesNoLayer_isRefused() {
    SequencedMap<String, WeightBits> layers = new LinkedHashMap<>();
    layers.put("stage9*", WeightBits.FOUR);
    assertThatThrownBy(
            () ->
                network(
                    Architectures.withLayers(
                        architecture("vgg", "1", ThresholdScope.CHANNEL), layers)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no layer is called 'stage9*'; there are stem, stage1.conv1");
  }

  @ParameterizedTest
  @CsvSource({"vgg,false", "residual,false", "mobile,false", "vgg,true", "residual,true"})
  void floatTwin_saysWhatTheTrainingGraphSays(String kind, boolean adder) {
    Architecture spiking = architecture(kind, "1", ThresholdScope.CHANNEL);
    SpikingDetector twin = network(Architectures.twin(spiking, adder));
    byte[] pixels = pixels();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard();
        CompiledModel model = compile(twin, "onnx")) {
      SpikingDetector.Output trained = settled(twin, pixels);
      Scratch scratch = run(model, pixels);
      float[] cells = Tensors.toArray(trained.cells());
      int channels = model.metadata().heads().getFirst().channels();
      int perPhoto = cells.length / BATCH;
      int at = 0;
      for (int h = 0; h < model.metadata().heads().size(); h++) {
        HeadMap head = model.metadata().heads().get(h);
        int values = head.rows() * head.columns() * channels;
        for (int photo = 0; photo < BATCH; photo++) {
          for (int i = 0; i < values; i++) {
            assertThat(head.value(scratch.headSums()[h][photo * values + i], i % channels))
                .isCloseTo(cells[photo * perPhoto + at + i], within(2e-3f));
          }
        }
        at += values;
      }
      Tensor first = spikes(trained).getFirst().select(0, 0);
      assertThat(scratch.spikeCounts()[0][0])
          .isCloseTo(first.count_nonzero().item_long(), within(5L));
    }
    assertRefused(twin, "stem");
  }

  @ParameterizedTest
  @CsvSource({"vgg,2,5e-3", "vgg,1,5e-3", "residual,1,5e-2", "mobile,1,5e-2"})
  void classifier_saysWhatTheTrainingGraphSays_onBothBackends(
      String kind, int stemStride, float tolerance) {
    Architecture architecture =
        Architectures.withStemStride(architecture(kind, "1", ThresholdScope.CHANNEL), stemStride);
    SpikingDetector network = network(architecture, Task.CLASSIFICATION);
    byte[] pixels = pixels();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor logits =
          settled(network, pixels).cells().mean(new long[] {1}, false, new ScalarTypeOptional());
      float[] trained = Tensors.toArray(logits.softmax(1));

      List<List<Detection>> popcount = classes(network, "popcount", pixels);

      assertThat(classes(network, "onnx", pixels)).isEqualTo(popcount);
      for (int photo = 0; photo < BATCH; photo++) {
        assertThat(popcount.get(photo)).hasSize(3);
        for (Detection shown : popcount.get(photo)) {
          assertThat(shown.box()).isEqualTo(new BoundingBox(0, 0, SIDE, SIDE));
          assertThat(shown.score())
              .isCloseTo(trained[3 * photo + shown.classId()], within(tolerance));
        }
      }
    }
  }

  private static List<List<Detection>> classes(
      SpikingDetector network, String backend, byte[] pixels) {
    List<List<Detection>> classes = new ArrayList<>();
    try (CompiledModel model = compile(network, backend)) {
      Scratch scratch = run(model, pixels);
      for (int photo = 0; photo < BATCH; photo++) {
        classes.add(
            new Detector(model)
                .detections(
                    scratch,
                    photo,
                    Letterbox.fit(SIDE, SIDE, SIDE, SIDE),
                    new DetectionLimits(0, 0.5f, 10)));
      }
    }
    return classes;
  }

  private static List<Tensor> spikes(SpikingDetector.Output trained) {
    return trained.rates().keySet().stream().map(trained.maps()::get).toList();
  }

  private static void assertFiresAlike(SpikingDetector network, String backend, double share) {
    byte[] pixels = pixels();
    long units = 0;
    long difference = 0;
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      SpikingDetector.Output trained = settled(network, pixels);
      try (CompiledModel model = compile(network, backend)) {
        Scratch scratch = run(model, pixels);
        List<Tensor> maps = spikes(trained);
        int steps = network.steps();
        assertThat(scratch.spikeCounts()).hasDimensions(steps * maps.size(), BATCH);
        for (int l = 0; l < steps * maps.size(); l++) {
          for (int photo = 0; photo < BATCH; photo++) {
            int step = l / maps.size();
            Tensor map = maps.get(l % maps.size()).select(0, step * BATCH + photo);
            units += map.numel();
            long ones = (long) map.gt(new Scalar(0.0)).sum().item_double();
            difference += Math.abs(scratch.spikeCounts()[l][photo] - ones);
          }
        }
      }
    }
    assertThat((double) difference / units)
        .as("%d of %d spikes", difference, units)
        .isLessThan(share);
  }

  @ParameterizedTest
  @CsvSource({
    "vgg,1,1,CHANNEL",
    "residual,1,1,CHANNEL",
    "residual,1,8,CHANNEL",
    "residual,2,8,LAYER",
    "residual,8,8,CHANNEL",
    "mobile,1,1,CHANNEL"
  })
  void fileTakenOver_firesAsItDid(
      String kind, String bits, String newBits, ThresholdScope threshold) {
    SpikingDetector first = network(architecture(kind, bits, threshold));
    torch.manual_seed(8);
    SpikingDetector second =
        new SpikingDetector(architecture(kind, newBits, threshold), Task.DETECTION, 3);
    byte[] pixels = pixels();
    try (PointerScope _ = new PointerScope()) {
      Tensor batch = Tensors.ofBytes(pixels, BATCH, SIDE, SIDE, 3);
      assertThat(new FileWeights(file(first)).into(second, batch, facts().labels())).isEmpty();
    }

    long spikes = 0;
    long difference = 0;
    try (CompiledModel before = compile(first, "popcount");
        CompiledModel after = compile(second, "popcount")) {
      long[][] ones = run(before, pixels).spikeCounts();
      long[][] onesAfter = run(after, pixels).spikeCounts();
      for (int l = 0; l < ones.length; l++) {
        for (int photo = 0; photo < BATCH; photo++) {
          spikes += ones[l][photo];
          difference += Math.abs(ones[l][photo] - onesAfter[l][photo]);
        }
      }
    }
    assertThat((double) difference / spikes)
        .as("%d of %d spikes", difference, spikes)
        .isLessThan(0.02); // streams get another fixed point, so a few sums at a threshold turn
  }

  @Test
  void fileTakenOver_narrowsWeightsToTheirSigns() {
    SpikingDetector first = network(architecture("residual", "8", ThresholdScope.CHANNEL));
    SpikingDetector narrow =
        new SpikingDetector(
            architecture("residual", "1", ThresholdScope.CHANNEL), Task.DETECTION, 3);
    try (PointerScope _ = new PointerScope()) {
      Tensor batch = Tensors.ofBytes(pixels(), BATCH, SIDE, SIDE, 3);
      assertThat(new FileWeights(file(first)).into(narrow, batch, List.of("a", "b", "d")))
          .extracting(Fresh::name)
          .containsExactly("head8", "head16", "head32");
    }
    byte[] wide = integerWeights(first, "stage1.unit1");
    byte[] signs = integerWeights(narrow, "stage1.unit1");
    assertThat(signs).hasSameSizeAs(wide);
    for (int i = 0; i < wide.length; i++) {
      assertThat(signs[i])
          .as("weight %d of %d", i, wide[i])
          .isEqualTo((byte) (wide[i] < 0 ? -1 : 1));
    }
  }

  private static byte[] integerWeights(SpikingDetector network, String layer) {
    return network.blocks().stream()
        .filter(block -> block.name().equals(layer))
        .map(block -> ((Block.Stream) block).convolution().integerWeights())
        .findFirst()
        .orElseThrow();
  }

  private static void assertRefused(SpikingDetector network, String layer) {
    ModelFile file = file(network);
    InferenceBackend popcount = Backends.installed().open("popcount", BackendSettings.DEFAULT);
    assertThatThrownBy(() -> popcount.compile(file))
        .isInstanceOf(ModelRefusedException.class)
        .hasMessageContaining(layer + ".sum")
        .hasMessageContaining("float weights");
  }

  /** What the network makes of a batch once its statistics are those of that batch. */
  private static SpikingDetector.Output settled(SpikingDetector network, byte[] pixels) {
    return network.forward(Tensors.ofBytes(pixels, BATCH, SIDE, SIDE, 3), Statistics.AVERAGED);
  }

  private static SpikingDetector network(Architecture architecture) {
    return network(architecture, Task.DETECTION);
  }

  private static SpikingDetector network(Architecture architecture, Task task) {
    torch.manual_seed(7);
    SpikingDetector network = new SpikingDetector(architecture, task, 3);
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor batch = Tensors.ofBytes(pixels(), BATCH, SIDE, SIDE, 3);
      for (int i = 0; i < 5; i++) {
        network.forward(batch, Statistics.estimate(i));
      }
    }
    return network;
  }

  private static Architecture architecture(String kind, String bits, ThresholdScope threshold) {
    return Architectures.plain(
        kind,
        List.of(8, 16, 32, 32, 48),
        List.of(2, 2, 1, 2),
        kind.equals("vgg") ? 0 : 16,
        WeightBits.of(bits),
        threshold);
  }

  private static byte[] pixels() {
    byte[] pixels = new byte[BATCH * SIDE * SIDE * 3];
    new Random(7).nextBytes(pixels);
    return pixels;
  }

  private static ModelFile file(SpikingDetector network) {
    return ModelFile.parse(DetectorExport.write(network, facts()));
  }

  private static CompiledModel compile(SpikingDetector network, String backend) {
    return Backends.installed().open(backend, BackendSettings.DEFAULT).compile(file(network));
  }

  private static Scratch run(CompiledModel model, byte[] pixels) {
    Scratch scratch = model.newScratch(BATCH);
    System.arraycopy(pixels, 0, scratch.pixels(), 0, pixels.length);
    model.run(scratch, BATCH);
    return scratch;
  }

  private static DetectorExport.Facts facts() {
    return TestFacts.of(List.of("a", "b", "c"), SIDE);
  }
}
