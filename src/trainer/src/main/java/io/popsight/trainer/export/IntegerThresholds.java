package io.popsight.trainer.export;

import io.popsight.model.Weights;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.ConvolutionLayer;

/** Real thresholds rounded up to the integers that the same sums reach. */
final class IntegerThresholds {

  private IntegerThresholds() {}

  /**
   * Where the thresholds lie in units of integer sums: {@code (mu + sigma * (v * E - beta) / gamma)
   * / alpha}, written as (threshold - offset) / factor.
   *
   * @param inputScale what an integer of the input stands for in the training graph
   */
  static double[] real(Block.Spiking layer, double inputScale) {
    ConvolutionLayer.Affine affine = layer.convolution().affine(inputScale);
    double[] real = layer.stepping().thresholds();
    for (int c = 0; c < real.length; c++) {
      real[c] = (real[c] - affine.offsets()[c]) / affine.factors()[c];
    }
    return real;
  }

  /**
   * The least integer not below each threshold, clamped to the sums that can occur, and one more,
   * which never fires.
   *
   * @param real thresholds in units of integer sums
   * @param lowest least value of an input
   * @param highest greatest value of an input
   */
  static int[] of(double[] real, Weights weights, int lowest, int highest) {
    int[] thresholds = new int[real.length];
    for (int c = 0; c < real.length; c++) {
      int positive = weights.positiveSum(c);
      int negative = weights.negativeSum(c);
      int least = negative * highest + positive * lowest;
      int greatest = positive * highest + negative * lowest;
      if (Double.isNaN(real[c])) {
        throw new IllegalStateException("threshold of channel " + c + " is not a number");
      }
      thresholds[c] = (int) Math.clamp(Math.ceil(real[c]), least, greatest + 1.0);
    }
    return thresholds;
  }
}
