package io.popsight.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.model.ModelFile;
import io.popsight.model.Training;
import io.popsight.trainer.network.Architecture;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.Statistics;
import io.popsight.trainer.network.ThresholdScope;
import io.popsight.trainer.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The integers of the exported file fire as the floats of the training graph do. */
class DetectorExportTest {

  private static final int SIDE = 96;
  private static final int BATCH = 8;

  @ParameterizedTest
  @CsvSource({"vgg,1,1e-4", "vgg,4,1e-4", "residual,1,1e-4", "residual,2,1e-4", "residual,8,5e-3"})
  void exportedFile_firesAsTheTrainingGraph(String kind, int bits, double share) {
    torch.manual_seed(7);
    SpikingDetector network =
        new SpikingDetector(
            new Architecture(
                kind,
                List.of(8, 16, 24, 32, 40),
                List.of(2, 2, 1, 2),
                kind.equals("vgg") ? 0 : 24,
                bits,
                ThresholdScope.CHANNEL),
            3);
    byte[] pixels = new byte[BATCH * SIDE * SIDE * 3];
    new Random(7).nextBytes(pixels);
    long units = 0;
    long difference = 0;
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor batch = Tensors.ofBytes(pixels, BATCH, SIDE, SIDE, 3);
      for (int i = 0; i < 5; i++) {
        network.forward(batch, Statistics.estimate(i));
      }
      SpikingDetector.Output trained = network.forward(batch, Statistics.AVERAGED);
      try (CompiledModel model =
          Backends.installed()
              .open("popcount", BackendSettings.DEFAULT)
              .compile(ModelFile.parse(DetectorExport.write(network, facts())))) {
        Scratch scratch = model.newScratch(BATCH);
        System.arraycopy(pixels, 0, scratch.pixels(), 0, pixels.length);
        model.run(scratch, BATCH);
        List<Tensor> maps = new ArrayList<>(trained.spikes().values());
        for (int l = 0; l < maps.size(); l++) {
          for (int photo = 0; photo < BATCH; photo++) {
            Tensor map = maps.get(l).select(0, photo);
            units += map.numel();
            difference +=
                Math.abs(scratch.spikeCounts()[l][photo] - (long) map.sum().item_double());
          }
        }
      }
    }
    // Only sums that stand exactly at a threshold may round the other way; 8-bit sums are large, so
    // that their streams' fixed point is coarse.
    assertThat((double) difference / units)
        .as("%d of %d spikes", difference, units)
        .isLessThan(share);
  }

  private static DetectorExport.Facts facts() {
    return new DetectorExport.Facts(
        "test",
        "1",
        List.of("a", "b", "c"),
        SIDE,
        SIDE,
        0.3f,
        0.5f,
        new Training("none", "none", 7, 0, "none", 0, 0),
        Map.of());
  }
}
