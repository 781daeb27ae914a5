package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.BYTES;
import static io.popsight.engine.conv.Lanes.INTS;
import static io.popsight.engine.conv.Lanes.SHORTS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2S;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Weights;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Adds the weights of each one in a window, all output channels at a time: the time goes with the
 * spike rate and not with the weights' width. The ones are listed first and added then, because C2
 * keeps accumulators in registers in a counted loop only. Weights are read as bytes, which halves
 * what comes through the caches, and added as 16-bit lanes; lists are cut where these might
 * overflow. Both tiles are written out for the reason that {@link VectorWordCounts} gives.
 */
final class VectorEventConvolution implements BinaryConvolution {

  private static final int LANES = SHORTS.length();

  private final ConvolutionShape shape;
  private final int inChannels;

  /** Output channels, filled up to whole vectors. */
  private final int padded;

  /** Layout [row][column][in][padded], zero behind the last channel. */
  private final byte[] weights;

  /** Ones that may be added before a lane overflows. */
  private final int most;

  VectorEventConvolution(ConvolutionShape shape, Weights weights) {
    this.shape = shape;
    this.inChannels = weights.inChannels();
    this.padded = (weights.outChannels() + LANES - 1) / LANES * LANES;
    int kernel = weights.kernel();
    this.weights = new byte[Math.multiplyExact(kernel * kernel * inChannels, padded)];
    int largest = 1;
    int at = 0;
    for (int tap = 0; tap < kernel * kernel; tap++) {
      for (int in = 0; in < inChannels; in++) {
        for (int out = 0; out < weights.outChannels(); out++) {
          int weight = weights.at(out, in, tap / kernel, tap % kernel);
          this.weights[at + place(out)] = (byte) weight;
          largest = Math.max(largest, Math.abs(weight));
        }
        at += padded;
      }
    }
    this.most = Short.MAX_VALUE / largest;
  }

  /**
   * Where the weight of a channel stands: the first half of a vector's channels in its even lanes,
   * the others in the odd ones, so that two sums of 16 bits are the halves of an int.
   */
  private static int place(int out) {
    int lane = out % LANES;
    int half = LANES / 2;
    return out - lane + (lane < half ? 2 * lane : 2 * (lane - half) + 1);
  }

  @Override
  public void row(BitMap input, int row, RowSums into) {
    int corner = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    int step = shape.stride() * input.words();
    int columns = shape.output().columns();
    Arrays.fill(into.values(), 0, columns * shape.sumsPerPixel(), 0);
    for (int column = 0; column < columns; column++) {
      int events = list(input, corner + column * step, into.counts());
      for (int first = 0; first < events; first += most) {
        add(
            into.counts(),
            first,
            Math.min(events, first + most),
            into.values(),
            column * shape.sumsPerPixel());
      }
    }
  }

  /** Where the weights of each one of a window begin; returns how many ones there are. */
  private int list(BitMap input, int corner, int[] events) {
    int[] data = input.data();
    int words = input.words();
    int kernel = shape.kernel();
    int count = 0;
    int tap = 0;
    for (int ky = 0; ky < kernel; ky++) {
      int at = corner + ky * input.rowWords();
      for (int kx = 0; kx < kernel; kx++) {
        int channel = tap;
        for (int word = 0; word < words; word++) {
          for (int bits = data[at++]; bits != 0; bits &= bits - 1) {
            events[count++] = channel + Integer.numberOfTrailingZeros(bits) * padded;
          }
          channel += BitMap.WORD * padded;
        }
        tap += inChannels * padded;
      }
    }
    return count;
  }

  /** To what lies behind the last channel of a pixel, zeros are added. */
  private void add(int[] events, int first, int end, int[] sums, int at) {
    int out = 0;
    for (; out + 4 * LANES <= padded; out += 4 * LANES) {
      addFour(events, first, end, out, sums, at + out);
    }
    for (; out < padded; out += LANES) {
      addOne(events, first, end, out, sums, at + out);
    }
  }

  private void addFour(int[] events, int first, int end, int out, int[] sums, int at) {
    ShortVector s0 = ShortVector.zero(SHORTS);
    ShortVector s1 = ShortVector.zero(SHORTS);
    ShortVector s2 = ShortVector.zero(SHORTS);
    ShortVector s3 = ShortVector.zero(SHORTS);
    for (int event = first; event < end; event++) {
      int w = events[event] + out;
      s0 = s0.add(ByteVector.fromArray(BYTES, weights, w).convertShape(B2S, SHORTS, 0));
      s1 = s1.add(ByteVector.fromArray(BYTES, weights, w + LANES).convertShape(B2S, SHORTS, 0));
      s2 = s2.add(ByteVector.fromArray(BYTES, weights, w + 2 * LANES).convertShape(B2S, SHORTS, 0));
      s3 = s3.add(ByteVector.fromArray(BYTES, weights, w + 3 * LANES).convertShape(B2S, SHORTS, 0));
    }
    int half = LANES / 2;
    IntVector.fromArray(INTS, sums, at)
        .add(s0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16))
        .intoArray(sums, at);
    IntVector.fromArray(INTS, sums, at + half)
        .add(s0.reinterpretAsInts().lanewise(ASHR, 16))
        .intoArray(sums, at + half);
    IntVector.fromArray(INTS, sums, at + 2 * half)
        .add(s1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16))
        .intoArray(sums, at + 2 * half);
    IntVector.fromArray(INTS, sums, at + 3 * half)
        .add(s1.reinterpretAsInts().lanewise(ASHR, 16))
        .intoArray(sums, at + 3 * half);
    IntVector.fromArray(INTS, sums, at + 4 * half)
        .add(s2.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16))
        .intoArray(sums, at + 4 * half);
    IntVector.fromArray(INTS, sums, at + 5 * half)
        .add(s2.reinterpretAsInts().lanewise(ASHR, 16))
        .intoArray(sums, at + 5 * half);
    IntVector.fromArray(INTS, sums, at + 6 * half)
        .add(s3.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16))
        .intoArray(sums, at + 6 * half);
    IntVector.fromArray(INTS, sums, at + 7 * half)
        .add(s3.reinterpretAsInts().lanewise(ASHR, 16))
        .intoArray(sums, at + 7 * half);
  }

  private void addOne(int[] events, int first, int end, int out, int[] sums, int at) {
    ShortVector s = ShortVector.zero(SHORTS);
    for (int event = first; event < end; event++) {
      s =
          s.add(
              ByteVector.fromArray(BYTES, weights, events[event] + out)
                  .convertShape(B2S, SHORTS, 0));
    }
    int half = LANES / 2;
    IntVector.fromArray(INTS, sums, at)
        .add(s.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16))
        .intoArray(sums, at);
    IntVector.fromArray(INTS, sums, at + half)
        .add(s.reinterpretAsInts().lanewise(ASHR, 16))
        .intoArray(sums, at + half);
  }
}
