package io.popsight.engine.conv;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Shape;
import io.popsight.model.Weights;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What random networks do not reach: sums that would not fit the lanes in which they are added. */
class LargeSumsTest {

  private static final int SIDE = 7;

  @ParameterizedTest(name = "weights {0}, {1} channels, {2}x{2}, stride {3}")
  @CsvSource({
    "1, 130, 3, 1",
    "-1, 130, 3, 2",
    "7, 200, 3, 1",
    "-8, 65, 3, 1",
    "127, 130, 3, 1",
    "-128, 300, 1, 1",
    "1, 520, 3, 1",
    "-1, 300, 1, 1"
  })
  void allOnesUnderLargestWeights_sumUpAsTheReferenceSaysThem(
      int weight, int channels, int kernel, int stride) {
    byte[] values = new byte[channels * channels * kernel * kernel];
    Arrays.fill(values, (byte) weight);
    Weights weights = new Weights(channels, channels, kernel, values);
    BitMap spikes = BitMap.random(new Shape(channels, SIDE, SIDE), 1, 1, new Random(1));

    assertThatAllAgree(weights, stride, spikes);
  }

  @ParameterizedTest(name = "{0} to {1} channels, spike rate {2}, stride {3}")
  @CsvSource({
    "40, 48, 0.1, 1",
    "33, 100, 0.5, 1",
    "200, 40, 0.7, 1",
    "256, 70, 0.2, 1",
    "130, 257, 0.9, 1",
    "130, 129, 0.4, 2"
  })
  void onesThatOverflowHereAndThere_sumUpAsTheReferenceSaysThem(
      int inChannels, int outChannels, double rate, int stride) {
    Random random = new Random(1);
    byte[] values = new byte[outChannels * inChannels * 3 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (random.nextInt(3) - 1);
    }
    Weights weights = new Weights(outChannels, inChannels, 3, values);

    assertThatAllAgree(
        weights, stride, BitMap.random(new Shape(inChannels, SIDE, SIDE), 1, rate, random));
  }

  private static void assertThatAllAgree(Weights weights, int stride, BitMap spikes) {
    for (int row = 0; row < (SIDE + stride - 1) / stride; row++) {
      int[] reference = sums("scalar", weights, stride, spikes, row);
      assertThat(sums("events", weights, stride, spikes, row)).isEqualTo(reference);
      assertThat(sums("vector", weights, stride, spikes, row)).isEqualTo(reference);
    }
  }

  private static int[] sums(String kernels, Weights weights, int stride, BitMap spikes, int row) {
    KernelFamily family = Kernels.choose(kernels);
    int channels = weights.outChannels();
    int side = (SIDE + stride - 1) / stride;
    int perPixel = family.sumsPerPixel(channels);
    ConvolutionShape shape =
        new ConvolutionShape(
            new Shape(channels, side, side),
            weights.kernel(),
            stride,
            weights.kernel() / 2,
            perPixel);
    BinaryConvolution convolution =
        kernels.equals("vector")
            ? family.binary(shape, WeightPlanes.of(weights))
            : family.events(shape, weights);
    RowSums sums = RowSums.of(side * perPixel, convolution.room(), side);
    convolution.row(spikes, row, sums);
    int[] values = new int[side * channels];
    for (int column = 0; column < side; column++) {
      System.arraycopy(sums.values(), column * perPixel, values, column * channels, channels);
    }
    return values;
  }
}
