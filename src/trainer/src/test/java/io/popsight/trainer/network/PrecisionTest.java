package io.popsight.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.trainer.tensor.Tensors;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a network learns in bfloat16, beside what it learns in float32 from the same photos. */
class PrecisionTest {

  private static final SpikeRule IN_TIME =
      new SpikeRule(false, 2, true, RegularizerScope.EXTREMUM, 2, 0.75, true);

  static Stream<Architecture> networks() {
    Architecture residual = plain("residual", WeightBits.ONE);
    return Stream.of(
        residual,
        plain("vgg", WeightBits.TERNARY),
        plain("mobile", WeightBits.EIGHT),
        Architectures.twin(residual, false),
        Architectures.twin(plain("vgg", WeightBits.ONE), true),
        Architectures.withSpike(residual, IN_TIME));
  }

  private static Architecture plain(String kind, WeightBits bits) {
    return Architectures.plain(
        kind,
        List.of(8, 16, 32, 32, 48),
        List.of(1, 1, 1, 1),
        kind.equals("vgg") ? 0 : 16,
        bits,
        ThresholdScope.CHANNEL);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void bfloat16_learnsWhatFloat32Does(Architecture architecture) {
    Learned exact = learned(architecture, Precision.FLOAT32);
    Learned rounded = learned(architecture, Precision.BFLOAT16);

    assertThat(rounded.hoyer).isCloseTo(exact.hoyer, within(0.02 * exact.hoyer));
    assertThat(rounded.loss).isCloseTo(exact.loss, within(0.02 * exact.loss));
    assertThat(rounded.rate).isCloseTo(exact.rate, within(0.01));
    assertThat(rounded.gradient).isBetween(exact.gradient / 2, exact.gradient * 2);
  }

  /**
   * One step.
   *
   * @param rate mean over the layers
   * @param gradient length of the stem's, which has gone through every layer; where it points to
   *     differs, as one unit that fires or not changes all behind it
   */
  private record Learned(double hoyer, double loss, double rate, double gradient) {}

  private static Learned learned(Architecture architecture, Precision precision) {
    torch.manual_seed(5);
    SpikingDetector network = new SpikingDetector(architecture, Task.DETECTION, 3);
    Tensor pixels = torch.rand(2, 64, 64, 3).mul(new Scalar(255));
    SpikingDetector.Output output =
        network.forward(pixels.to(torch.ScalarType.Byte), Statistics.OF_BATCH.in(precision));
    Tensor loss = output.cells().square().mean();

    loss.add(Tensors.times(output.hoyer(), 0.1)).backward();

    Tensor stem = network.parameters().trained().firstEntry().getValue();
    return new Learned(
        output.hoyer().item_double(),
        loss.item_double(),
        output.rates().values().stream().mapToDouble(Tensor::item_double).average().orElseThrow(),
        Objects.requireNonNull(stem.grad()).norm().item_double());
  }
}
