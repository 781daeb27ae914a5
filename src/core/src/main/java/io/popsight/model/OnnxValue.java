package io.popsight.model;

import java.util.List;
import java.util.Optional;

/** What a tensor name stands for while a graph is read. */
sealed interface OnnxValue {
  /** The photo on its way from bytes to {@link Node.Pixels}. */
  record Photo(boolean cast) implements OnnxValue {}

  /** Integer weights, still bytes or already cast. */
  record Constant(Weights weights, boolean cast) implements OnnxValue {}

  /** Float constant of one value a channel, or a single one. */
  record Numbers(float[] values) implements OnnxValue {}

  /** A comparison that waits for its cast. */
  record Comparison(String input, int[] thresholds) implements OnnxValue {}

  /** A node of the typed graph. */
  record Reached(String node) implements OnnxValue {}

  /**
   * A convolution's sums times a factor a channel and, once added, plus an offset: a stream when
   * something reads it; otherwise a head as other readers of the file want it.
   */
  record Scaled(String sums, float[] factors, Optional<float[]> offsets) implements OnnxValue {}

  /** Factors of a resize: photos, channels, rows, columns. */
  record Scales(float[] factors) implements OnnxValue {}

  /** The number of ones of a node. */
  record Count(String node) implements OnnxValue {}

  /** Axes of a reduction. */
  record Axes(List<Long> axes) implements OnnxValue {}

  /** Double constant of one value a channel, or a single one. */
  record Doubles(double[] values) implements OnnxValue {}

  /** Integers of a convolution or a stream on their way to a membrane, times a power of two. */
  record Wide(String node, double factor) implements OnnxValue {}

  /** The same plus an offset a channel: the first step's membrane when something reads it. */
  record Moved(Wide wide, double[] offsets) implements OnnxValue {}

  /** Spikes as doubles. */
  record Fired(String spikes) implements OnnxValue {}

  /** What spikes needed to fire, where they fired. */
  record Taken(String spikes, double[] thresholds) implements OnnxValue {}

  /** A membrane after its step, without what its spikes took where there is a soft reset. */
  record Left(String membrane, Optional<String> reset) implements OnnxValue {}

  /** The share of it that does not leak, and whether it is rounded down yet. */
  record Kept(Left left, double share, boolean rounded) implements OnnxValue {}
}
