package io.popsight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.backend.SpikeMap;
import io.popsight.detection.Detection;
import io.popsight.detection.DetectionLimits;
import io.popsight.detection.Detector;
import io.popsight.geometry.Letterbox;
import io.popsight.model.ModelFile;
import io.popsight.model.RandomModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random networks: every head sum, spike count and box is the same whoever runs them. */
class ParityTest {

  private final Backends backends = Backends.installed();

  /** Fewer where a processor is emulated, see {@code .ci/arm64}. */
  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("popsight.seeds", 200));
  }

  /** Everything that a backend says of a batch. */
  private record Answer(
      String sums, String counts, List<List<Detection>> detections, String spikeMaps) {}

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void vectorEventsScalarAndOnnxRuntimeAgree(long seed) {
    assertThatAllAgree(ModelFile.parse(RandomModels.file(seed)), 1 + (int) (seed % 3), seed);
  }

  @Test
  void initializerOfTwoConvolutions_servesBothNumbersOfGroups() {
    assertThatAllAgree(ModelFile.parse(RandomModels.sharedInitializer()), 1, 1);
  }

  private void assertThatAllAgree(ModelFile file, int batch, long seed) {
    Answer scalar = answer(file, "popcount", "scalar", batch, seed);

    assertThat(answer(file, "popcount", "vector", batch, seed)).isEqualTo(scalar);
    assertThat(answer(file, "popcount", "events", batch, seed)).isEqualTo(scalar);
    assertThat(answer(file, "onnx", "", batch, seed)).isEqualTo(scalar);
  }

  private Answer answer(ModelFile file, String backend, String kernels, int batch, long seed) {
    BackendSettings settings = new BackendSettings(1, Map.of("kernels", kernels));
    try (CompiledModel model = backends.open(backend, settings).compile(file)) {
      Detector detector = new Detector(model);
      Scratch scratch = detector.newScratch(3);
      // A run before must leave no trace.
      RandomModels.fillPixels(seed + 1, scratch.pixels());
      detector.infer(scratch, 3);
      RandomModels.fillPixels(seed, scratch.pixels());
      detector.infer(scratch, batch);
      StringBuilder sums = new StringBuilder();
      for (int h = 0; h < scratch.headSums().length; h++) {
        int used = scratch.headSums()[h].length / 3 * batch;
        sums.append(Arrays.toString(Arrays.copyOf(scratch.headSums()[h], used)));
      }
      StringBuilder counts = new StringBuilder();
      for (long[] layer : scratch.spikeCounts()) {
        counts.append(Arrays.toString(Arrays.copyOf(layer, batch)));
      }
      List<List<Detection>> found = detections(detector, scratch, batch);
      return new Answer(sums.toString(), counts.toString(), found, spikeMaps(detector, scratch));
    }
  }

  private static String spikeMaps(Detector detector, Scratch scratch) {
    StringBuilder maps = new StringBuilder();
    for (SpikeMap map : detector.spikeMaps(scratch)) {
      maps.append(map.layer().name()).append(Arrays.toString(map.ones()));
    }
    // A map's ones are those that were counted.
    detector.infer(scratch, 1);
    long[][] counts = scratch.spikeCounts();
    assertThat(detector.spikeMaps(scratch).stream().mapToLong(m -> Arrays.stream(m.ones()).sum()))
        .containsExactly(Arrays.stream(counts).map(layer -> layer[0]).toArray(Long[]::new));
    return maps.toString();
  }

  private static List<List<Detection>> detections(Detector detector, Scratch scratch, int batch) {
    Letterbox letterbox =
        Letterbox.fit(
            640, 480, detector.metadata().inputWidth(), detector.metadata().inputHeight());
    List<List<Detection>> detections = new ArrayList<>();
    for (int photo = 0; photo < batch; photo++) {
      detections.add(
          detector.detections(scratch, photo, letterbox, new DetectionLimits(0.3f, 0.5f, 100)));
    }
    return detections;
  }
}
