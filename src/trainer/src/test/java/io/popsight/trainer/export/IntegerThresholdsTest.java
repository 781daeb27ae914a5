package io.popsight.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.model.Weights;
import io.popsight.trainer.network.LayerPlan;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.SpikingLayer;
import io.popsight.trainer.network.Statistics;
import io.popsight.trainer.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Given the same spikes, an exported layer fires where the float layer does. */
class IntegerThresholdsTest {

  private static final int SIDE = 128;
  private static final int BATCH = 16;
  private static final double LARGEST_SHARE = 1e-5;

  @Test
  void everyLayer_firesAsTheFloatLayer_givenEqualInputs() {
    torch.manual_seed(11);
    SpikingDetector network = new SpikingDetector(List.of(16, 24, 32, 48, 64), 1, 3);
    byte[] noise = new byte[BATCH * SIDE * SIDE * 3];
    new Random(11).nextBytes(noise);
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor pixels = Tensors.ofBytes(noise, BATCH, SIDE, SIDE, 3);
      for (int i = 0; i < 5; i++) {
        network.forward(pixels, Statistics.estimate(i));
      }
      Tensor map = SpikingDetector.scaled(pixels);
      Tensor integers = Tensors.times(map, 1 / SpikingDetector.PIXEL_SCALE);
      Tensor fired = compare(network.stem(), map, integers, SpikingDetector.PIXEL_SCALE, 128);
      List<SpikingLayer> layers = new ArrayList<>();
      for (int s = 0; s < network.stages().size(); s++) {
        layers.addAll(network.stages().get(s));
        if (s > 0) {
          layers.add(network.headLayers().get(s - 1));
        }
      }
      Tensor before = fired;
      for (SpikingLayer layer : layers) {
        boolean head = layer.plan().name().startsWith("head");
        Tensor out = compare(layer, before, before, 1, 1);
        before = head ? before : out;
      }
    }
  }

  /** Compares a layer's spikes with those of its integers; returns them. */
  private static Tensor compare(
      SpikingLayer layer, Tensor input, Tensor integerInput, double scale, int largest) {
    LayerPlan plan = layer.plan();
    Tensor floats = layer.forward(input, Statistics.AVERAGED).ones();
    Weights weights =
        new Weights(plan.outChannels(), plan.inChannels(), plan.kernel(), layer.integerWeights());
    int[] thresholds =
        IntegerThresholds.of(
            layer.realThresholds(scale), weights, largest == 1 ? 0 : -largest, largest);
    Tensor sums =
        torch.conv2d(
            integerInput,
            Tensors.of(
                floatsOf(layer.integerWeights()), plan.outChannels(), plan.inChannels(), 3, 3),
            new TensorOptional(),
            new long[] {plan.stride(), plan.stride()},
            new long[] {1, 1},
            new long[] {1, 1},
            1);
    Tensor pooled = plan.pooled() ? torch.max_pool2d(sums, 2, 2) : sums;
    Tensor wanted =
        pooled
            .ge(Tensors.of(floatsOf(thresholds), 1, thresholds.length, 1, 1))
            .to(torch.ScalarType.Float);
    double differing = wanted.sub(floats).abs().sum().item_double();
    assertThat(floats.mean().item_double()).as("%s fires", plan.name()).isBetween(0.01, 0.6);
    assertThat(differing / floats.numel())
        .as("%s: %.0f of %d spikes differ", plan.name(), differing, floats.numel())
        .isLessThan(LARGEST_SHARE);
    return floats;
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
