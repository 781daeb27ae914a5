package io.popsight.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.trainer.tensor.Tensors;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FiringMarginsTest {

  private static final Architecture SMALL =
      Architectures.plain(
          "residual",
          List.of(8, 16, 16, 16, 16),
          List.of(1, 1, 1, 1),
          16,
          WeightBits.ONE,
          ThresholdScope.CHANNEL);

  private final Tensor photos =
      torch.randint(256, new long[] {4, 64, 64, 3}).to(torch.ScalarType.Byte);

  @BeforeEach
  void seed() {
    torch.manual_seed(3);
  }

  @Test
  void unitsFromZeroOn_areThoseThatFire() {
    SpikingDetector network = learned(SMALL);
    FiringMargins margins = new FiringMargins(network);
    margins.add(photos);
    SequencedMap<String, Tensor> rates = network.forward(photos, Statistics.AVERAGED).rates();

    assertThat(margins.layers())
        .extracting(FiringMargins.Layer::name)
        .containsExactlyElementsOf(rates.keySet());
    for (FiringMargins.Layer layer : margins.layers()) {
      double rate = Objects.requireNonNull(rates.get(layer.name())).item_float();
      assertThat(layer.spikes()).isCloseTo(rate, within(1e-6));
    }
  }

  /** Normal noise of deviation s takes a unit at distance d over the threshold at Phi(-d / s). */
  @Test
  void flips_areWhatTheHistogramSays() {
    FiringMargins margins = new FiringMargins(learned(SMALL));
    margins.add(photos);
    margins.add(photos);

    double[] middles = FiringMargins.middles();
    for (FiringMargins.Layer layer : margins.layers()) {
      for (int n = 1; n < FiringMargins.NOISE.size(); n++) {
        double expected = 0;
        for (int b = 0; b < middles.length; b++) {
          double crossing = normal(-Math.abs(middles[b]) / FiringMargins.NOISE.get(n));
          expected += layer.histogram().get(b) * crossing;
        }
        assertThat(layer.flips().get(n))
            .as(layer.name())
            .isCloseTo(expected, within(0.01 + 0.15 * expected));
      }
      assertThat(layer.flips().get(2)).isGreaterThan(layer.flips().get(0));
    }
  }

  @Test
  void floatTwin_hasNoThresholds() {
    FiringMargins margins = new FiringMargins(learned(Architectures.twin(SMALL, false)));
    margins.add(photos);

    assertThat(margins.layers()).isEmpty();
  }

  private static double normal(double x) {
    return torch.special_ndtr(Tensors.of(new float[] {(float) x}, 1)).item_double();
  }

  private SpikingDetector learned(Architecture architecture) {
    SpikingDetector network = new SpikingDetector(architecture, Task.DETECTION, 2);
    Tensors.toArray(network.forward(photos, Statistics.estimate(0)).hoyer());
    return network;
  }
}
