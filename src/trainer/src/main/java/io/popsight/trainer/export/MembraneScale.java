package io.popsight.trainer.export;

import io.popsight.model.ModelGraph;
import io.popsight.model.Weights;
import io.popsight.trainer.network.ConvolutionLayer;

/**
 * The fixed point of a layer's membranes in units of its integer sums: {@code shift} bits behind
 * the point, as many as leave room for all steps below 2^30.
 *
 * @param shift bits behind the point
 * @param bound on the magnitude of an offset and of a threshold
 */
record MembraneScale(int shift, int bound) {

  /** Of the sums over all steps; offsets and resets have as much again. */
  private static final int ROOM = (int) (ModelGraph.LARGEST_MEMBRANE / 4);

  /**
   * Of a convolution.
   *
   * @param largestInput magnitude of a value of its input
   */
  static MembraneScale of(int steps, Weights weights, int largestInput) {
    int largest = 1;
    for (int c = 0; c < weights.outChannels(); c++) {
      int span = weights.positiveSum(c) - weights.negativeSum(c);
      largest = Math.max(largest, span * largestInput);
    }
    return of(steps, largest);
  }

  /** Of a residual stream, which fills its 24 bits. */
  static MembraneScale ofStream(int steps) {
    return of(steps, ModelGraph.EXACT);
  }

  private static MembraneScale of(int steps, int largest) {
    int shift = ModelGraph.MOST_SHIFT;
    while (shift > 0 && (((long) steps * largest) << shift) > ROOM) {
      shift--;
    }
    return new MembraneScale(shift, ROOM / steps);
  }

  /** What a step adds beside the sums. */
  int[] offsets(ConvolutionLayer.Affine affine) {
    int[] offsets = new int[affine.offsets().length];
    for (int c = 0; c < offsets.length; c++) {
      double real = Math.scalb(affine.offsets()[c] / affine.factors()[c], shift);
      offsets[c] = Math.clamp(Math.round(real), -bound, bound);
    }
    return offsets;
  }

  /**
   * Where channels fire: in a first step exactly where a network of one step does.
   *
   * @param real thresholds on sums
   * @param offsets of the membrane
   */
  int[] thresholds(double[] real, int[] offsets) {
    int[] thresholds = new int[real.length];
    for (int c = 0; c < real.length; c++) {
      double above = Math.ceil(Math.scalb(real[c], shift));
      thresholds[c] = (int) Math.clamp(offsets[c] + above, -bound, bound);
    }
    return thresholds;
  }

  /** Integers of a stream as a membrane has them. */
  int[] shifted(int[] integers) {
    int[] shifted = new int[integers.length];
    for (int c = 0; c < shifted.length; c++) {
      shifted[c] = integers[c] << shift;
    }
    return shifted;
  }
}
