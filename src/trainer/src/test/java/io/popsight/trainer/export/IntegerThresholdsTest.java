package io.popsight.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.model.Weights;
import io.popsight.trainer.network.Architectures;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.LayerPlan;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.Statistics;
import io.popsight.trainer.network.Task;
import io.popsight.trainer.network.ThresholdScope;
import io.popsight.trainer.network.WeightBits;
import io.popsight.trainer.tensor.Tensors;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Given the same spikes, an exported layer fires where the float layer does. */
class IntegerThresholdsTest {

  private static final int SIDE = 128;
  private static final int BATCH = 4;
  private static final double LARGEST_SHARE = 1e-5;

  @ParameterizedTest
  @CsvSource({"vgg,1", "vgg,4", "residual,1", "residual,2", "residual,8"})
  void everyLayer_firesAsTheFloatLayer_givenEqualInputs(String kind, String bits) {
    torch.manual_seed(11);
    SpikingDetector network =
        new SpikingDetector(
            Architectures.plain(
                kind,
                List.of(16, 16, 32, 48, 64),
                List.of(2, 2, 1, 2),
                kind.equals("vgg") ? 0 : 32,
                WeightBits.of(bits),
                ThresholdScope.CHANNEL),
            Task.DETECTION,
            3);
    byte[] noise = new byte[BATCH * SIDE * SIDE * 3];
    new Random(11).nextBytes(noise);
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor pixels = Tensors.ofBytes(noise, BATCH, SIDE, SIDE, 3);
      for (int i = 0; i < 5; i++) {
        network.forward(pixels, Statistics.estimate(i));
      }
      Map<String, Tensor> floats = network.forward(pixels, Statistics.AVERAGED).maps();
      int compared = 0;
      for (Block block : network.blocks()) {
        if (block instanceof Block.Spiking layer) {
          same(layer, map(floats, layer.input()), map(floats, layer.name()));
          compared++;
        }
      }
      assertThat(compared).isGreaterThanOrEqualTo(7);
    }
  }

  /** The integers' spikes on the float graph's own input, against the float graph's spikes. */
  private static void same(Block.Spiking layer, Tensor input, Tensor fired) {
    LayerPlan plan = layer.convolution().plan();
    boolean stem = layer.input().equals(SpikingDetector.PIXELS);
    double scale = stem ? SpikingDetector.PIXEL_SCALE : 1;
    byte[] integers = layer.convolution().integerWeights();
    Weights weights = new Weights(plan.outChannels(), plan.inChannels(), plan.kernel(), integers);
    int[] thresholds =
        IntegerThresholds.of(
            IntegerThresholds.real(layer, scale), weights, stem ? -128 : 0, stem ? 128 : 1);
    int k = plan.kernel();
    Tensor sums =
        Tensors.convolved(
            Tensors.times(input, 1 / scale),
            Tensors.of(floatsOf(integers), plan.outChannels(), plan.inChannels(), k, k),
            plan.stride());
    Tensor pooled = plan.pooled() ? torch.max_pool2d(sums, 2, 2) : sums;
    Tensor wanted =
        pooled
            .ge(Tensors.of(floatsOf(thresholds), 1, thresholds.length, 1, 1))
            .to(torch.ScalarType.Float);
    double differing = wanted.sub(fired).abs().sum().item_double();
    assertThat(fired.mean().item_double()).as("%s fires", plan.name()).isBetween(0.01, 0.6);
    assertThat(differing / fired.numel())
        .as("%s: %.0f of %d spikes differ", plan.name(), differing, fired.numel())
        .isLessThan(LARGEST_SHARE);
  }

  private static Tensor map(Map<String, Tensor> maps, String name) {
    return Objects.requireNonNull(maps.get(name), name);
  }

  private static float[] floatsOf(byte[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values[i];
    }
    return floats;
  }

  private static float[] floatsOf(int[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values[i];
    }
    return floats;
  }
}
