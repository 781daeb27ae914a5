package io.popsight.trainer.export;

import io.popsight.model.ModelGraph;
import io.popsight.model.Weights;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.ConvolutionLayer;
import java.util.List;
import java.util.Map;

/**
 * The fixed point of streams that are added to each other: one step, a power of two, the finest for
 * which float32 holds every value exactly in the worst case.
 *
 * @param bits behind the point
 */
record StreamScale(int bits) {

  private static final int MOST_BITS = 16;

  /**
   * The finest scale for a chain of streams.
   *
   * @param weights of the streams' convolutions, by the streams' names
   * @throws IllegalStateException naming the stream that grows too large for any scale
   */
  static StreamScale of(List<Block.Stream> chain, Map<String, Weights> weights) {
    double largest = 0;
    double rounding = 0;
    for (Block.Stream stream : chain) {
      Weights w = weights.get(stream.name());
      if (w == null) {
        throw new IllegalArgumentException("no weights of " + stream.name());
      }
      ConvolutionLayer.Affine affine = stream.convolution().affine(1);
      double widest = 0;
      int span = 0;
      for (int c = 0; c < w.outChannels(); c++) {
        int sums = w.positiveSum(c) - w.negativeSum(c);
        widest = Math.max(widest, affine.factors()[c] * sums + Math.abs(affine.offsets()[c]));
        span = Math.max(span, sums);
      }
      largest += widest;
      rounding += 0.5 * span + 1;
    }
    int bits = (int) Math.floor(Math.log((ModelGraph.EXACT - rounding) / largest) / Math.log(2));
    if (!(bits >= 0)) {
      throw new IllegalStateException(
          "stream '%s' grows up to %s: not exact in float32 at any scale"
              .formatted(chain.getLast().name(), largest));
    }
    return new StreamScale(Math.min(bits, MOST_BITS));
  }

  /** Real values to integers. */
  int[] round(double[] values) {
    int[] integers = new int[values.length];
    for (int c = 0; c < values.length; c++) {
      integers[c] = Math.toIntExact(Math.round(Math.scalb(values[c], bits)));
    }
    return integers;
  }

  /** Thresholds on the stream: the least integers not below. */
  int[] thresholds(double[] real) {
    int[] thresholds = new int[real.length];
    for (int c = 0; c < real.length; c++) {
      double least = Math.ceil(Math.scalb(real[c], bits));
      thresholds[c] = (int) Math.clamp(least, 1 - ModelGraph.EXACT, ModelGraph.EXACT - 1);
    }
    return thresholds;
  }
}
