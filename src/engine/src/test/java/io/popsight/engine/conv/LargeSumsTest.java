package io.popsight.engine.conv;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Shape;
import io.popsight.model.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    List<int[]> reference = rows("scalar", weights, stride, spikes);
    assertThat(rows("events", weights, stride, spikes)).containsExactlyElementsOf(reference);
    assertThat(rows("vector", weights, stride, spikes)).containsExactlyElementsOf(reference);
  }

  /** The sums of each row, made one after the other, and each by itself, upwards. */
  private static List<int[]> rows(String kernels, Weights weights, int stride, BitMap spikes) {
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
    RowSums sums = RowSums.of(side * perPixel, convolution.room(), convolution.weightRoom(), side);
    List<int[]> rows = new ArrayList<>();
    for (int row = 0; row < side; row++) {
      convolution.row(spikes, row, row > 0, sums);
      rows.add(values(sums, side, perPixel, channels));
    }
    for (int row = side - 1; row >= 0; row--) {
      convolution.row(spikes, row, false, sums);
      rows.add(values(sums, side, perPixel, channels));
    }
    return rows;
  }

  private static int[] values(RowSums sums, int side, int perPixel, int channels) {
    int[] values = new int[side * channels];
    for (int column = 0; column < side; column++) {
      System.arraycopy(sums.values(), column * perPixel, values, column * channels, channels);
    }
    return values;
  }
}
