package io.popsight.model;

import java.util.List;
import java.util.Optional;

/** A node of the typed graph; its name is the name of the tensor that it makes. */
public sealed interface Node {

  /** Unique in its graph. */
  String name();

  /** Whether its values are zeros and ones. */
  boolean binary();

  /**
   * The photo, {@code pixel - offset} before any padding.
   *
   * @param shape three channels and the input's sides
   * @param offset 0 or 128
   */
  record Pixels(String name, Shape shape, int offset) implements Node {
    @Override
    public boolean binary() {
      return false;
    }
  }

  /**
   * Integer sums of a zero-padded convolution.
   *
   * @param input name of the node that it reads
   * @param weights of each output channel, for the input channels of its group
   * @param stride 1 or 2
   * @param padding rows and columns of zeros around the input, less than the kernel
   * @param groups into which the channels are parted, in order: an output channel reads those of
   *     its own; 1 for all, as many as channels where each reads one (depthwise)
   */
  record Convolution(
      String name, String input, Weights weights, int stride, int padding, int groups)
      implements Node {

    /** One that reads all channels. */
    public Convolution(String name, String input, Weights weights, int stride, int padding) {
      this(name, input, weights, stride, padding, 1);
    }

    /** Whether each output channel reads the input channel of its number alone. */
    public boolean depthwise() {
      return groups > 1 && weights.inChannels() == 1 && weights.outChannels() == groups;
    }

    @Override
    public boolean binary() {
      return false;
    }
  }

  /**
   * An integer stream that goes around layers: {@code base + factor * sum + offset}, a channel.
   *
   * @param input name of a convolution of spikes
   * @param base name of the stream that is added to, empty for none
   * @param factors one a channel
   * @param offsets one a channel
   */
  record Stream(String name, String input, Optional<String> base, int[] factors, int[] offsets)
      implements Node {
    @Override
    public boolean binary() {
      return false;
    }
  }

  /**
   * The largest sum of square windows without padding; rows and columns that fill no window are
   * dropped. Where spikes are pooled, {@link OrPool} says the same in bits; a membrane outlasts
   * them, so its sums are pooled.
   *
   * @param input name of a convolution
   * @param size side of the window
   * @param stride step of the window
   */
  record MaxPool(String name, String input, int size, int stride) implements Node {
    @Override
    public boolean binary() {
      return false;
    }
  }

  /**
   * Potential that outlasts a step of a network of several steps: {@code floor(previous * leak /
   * WHOLE) + input * 2^shift + offset}, a channel. The network is unrolled in its file, so each
   * step has membranes of its own.
   *
   * @param input name of a convolution, a pool of its sums, or a stream
   * @param previous name of the membrane of the step before, empty in the first
   * @param leak share of {@link #WHOLE} that is left of the previous one, 0 to all of it
   * @param shift bits behind the point, 0 to 8
   * @param offsets one a channel
   * @param reset name of the spikes of the previous membrane, where what they needed to fire is
   *     taken off it (soft reset); empty for none
   */
  record Membrane(
      String name,
      String input,
      Optional<String> previous,
      int leak,
      int shift,
      int[] offsets,
      Optional<String> reset)
      implements Node {

    /** A leak that leaves everything. */
    public static final int WHOLE = 256;

    @Override
    public boolean binary() {
      return false;
    }
  }

  /**
   * Ones where a sum reaches its channel's threshold.
   *
   * @param input name of a convolution, a stream or a membrane
   * @param thresholds one a channel, |threshold| below 2^24, of a membrane below 2^30
   */
  record Spikes(String name, String input, int[] thresholds) implements Node {
    @Override
    public boolean binary() {
      return true;
    }
  }

  /**
   * Or over square windows without padding; rows and columns that fill no window are dropped.
   *
   * @param input name of a binary node
   * @param size side of the window
   * @param stride step of the window
   */
  record OrPool(String name, String input, int size, int stride) implements Node {
    @Override
    public boolean binary() {
      return true;
    }
  }

  /**
   * Every pixel repeated in a square.
   *
   * @param input name of a binary node
   * @param factor side of the square
   */
  record Upsample(String name, String input, int factor) implements Node {
    @Override
    public boolean binary() {
      return true;
    }
  }

  /**
   * Channels of maps of one size, one map after the other.
   *
   * @param inputs names of binary nodes
   */
  record Concat(String name, List<String> inputs) implements Node {
    @Override
    public boolean binary() {
      return true;
    }
  }
}
