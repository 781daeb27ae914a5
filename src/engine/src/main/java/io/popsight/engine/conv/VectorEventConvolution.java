package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.BYTES;
import static io.popsight.engine.conv.Lanes.HALF_BYTES;
import static io.popsight.engine.conv.Lanes.INTS;
import static io.popsight.engine.conv.Lanes.SHORTS;
import static jdk.incubator.vector.VectorOperators.B2S;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Weights;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;

/**
 * Adds the weights of each one in a window, all output channels at a time: the time goes with the
 * spike rate and little with the weights' width. The ones are listed first and added then, because
 * C2 keeps accumulators in registers in a counted loop only. Weights are bytes; those of 1 and 2
 * bits are added as 8-bit lanes, wider ones as 16-bit lanes, and lists are cut where a lane might
 * overflow. The tiles are written out for the reason that {@link VectorWordCounts} gives.
 */
final class VectorEventConvolution implements BinaryConvolution {

  private final ConvolutionShape shape;
  private final RowOnes ones;

  private final NarrowSums narrowSums;

  /** Output channels, filled up to whole vectors of sums. */
  private final int padded;

  /** Layout [row][column][in][padded], zero behind the last channel. */
  private final PackedWeights weights;

  /** Ones that may be added before a lane overflows. */
  private final int most;

  /** Where in the room the sums are while ones are added. */
  private final int narrow;

  VectorEventConvolution(ConvolutionShape shape, Weights weights) {
    this.shape = shape;
    int kernel = weights.kernel();
    int inChannels = weights.inChannels();
    this.narrowSums = weights.bits() <= 2 ? NarrowSums.OF_BYTES : NarrowSums.OF_SHORTS;
    int lanes = narrowSums.lanes();
    this.padded = (weights.outChannels() + lanes - 1) / lanes * lanes;
    int column = inChannels * padded;
    this.ones = new RowOnes(shape, inChannels, padded, kernel * column, column);
    byte[] bytes = new byte[Math.multiplyExact(kernel * kernel * inChannels, padded)];
    int largest = 1;
    int at = 0;
    for (int tap = 0; tap < kernel * kernel; tap++) {
      for (int in = 0; in < inChannels; in++) {
        for (int out = 0; out < weights.outChannels(); out++) {
          int weight = weights.at(out, in, tap / kernel, tap % kernel);
          bytes[at + narrowSums.place(out)] = (byte) weight;
          largest = Math.max(largest, Math.abs(weight));
        }
        at += padded;
      }
    }
    this.weights = new PackedWeights(bytes, weights.bits());
    this.most = narrowSums.most() / largest;
    this.narrow = ones.room();
  }

  @Override
  public void row(BitMap input, int row, boolean follows, RowSums into) {
    int columns = shape.output().columns();
    int[] room = into.counts();
    ones.list(input, row, room);
    byte[] bytes = into.weights().bytesOf(weights);
    for (int column = 0; column < columns; column++) {
      int left = column * shape.stride();
      int shift = left * ones.columnStep();
      int last = room[left + shape.kernel()];
      int pixel = column * shape.sumsPerPixel();
      int first = room[left];
      do {
        int end = Math.min(last, first + most);
        if (narrowSums == NarrowSums.OF_BYTES) {
          addBytes(bytes, room, first, end, shift);
        } else {
          addShorts(bytes, room, first, end, shift);
        }
        boolean more = first > room[left];
        narrowSums.widen(room, narrow, into.values(), pixel, pixel + shape.sumsPerPixel(), more);
        first = end;
      } while (first < last);
    }
  }

  @Override
  public int room() {
    return Math.addExact(narrow, padded / narrowSums.parts());
  }

  @Override
  public int weightRoom() {
    return weights.room();
  }

  private void addBytes(byte[] bytes, int[] room, int first, int end, int shift) {
    int lanes = BYTES.length();
    int out = 0;
    for (; out + 4 * lanes <= padded; out += 4 * lanes) {
      fourOfBytes(bytes, room, first, end, out - shift, narrow + out / 4);
    }
    if (out + 2 * lanes <= padded) {
      twoOfBytes(bytes, room, first, end, out - shift, narrow + out / 4);
      out += 2 * lanes;
    }
    if (out < padded) {
      oneOfBytes(bytes, room, first, end, out - shift, narrow + out / 4);
    }
  }

  private void fourOfBytes(byte[] bytes, int[] room, int first, int end, int shift, int to) {
    int lanes = BYTES.length();
    ByteVector s0 = ByteVector.zero(BYTES);
    ByteVector s1 = ByteVector.zero(BYTES);
    ByteVector s2 = ByteVector.zero(BYTES);
    ByteVector s3 = ByteVector.zero(BYTES);
    for (int one = first; one < end; one++) {
      int w = room[one] + shift;
      s0 = s0.add(ByteVector.fromArray(BYTES, bytes, w));
      s1 = s1.add(ByteVector.fromArray(BYTES, bytes, w + lanes));
      s2 = s2.add(ByteVector.fromArray(BYTES, bytes, w + 2 * lanes));
      s3 = s3.add(ByteVector.fromArray(BYTES, bytes, w + 3 * lanes));
    }
    s0.reinterpretAsInts().intoArray(room, to);
    s1.reinterpretAsInts().intoArray(room, to + INTS.length());
    s2.reinterpretAsInts().intoArray(room, to + 2 * INTS.length());
    s3.reinterpretAsInts().intoArray(room, to + 3 * INTS.length());
  }

  private void twoOfBytes(byte[] bytes, int[] room, int first, int end, int shift, int to) {
    int lanes = BYTES.length();
    ByteVector s0 = ByteVector.zero(BYTES);
    ByteVector s1 = ByteVector.zero(BYTES);
    for (int one = first; one < end; one++) {
      int w = room[one] + shift;
      s0 = s0.add(ByteVector.fromArray(BYTES, bytes, w));
      s1 = s1.add(ByteVector.fromArray(BYTES, bytes, w + lanes));
    }
    s0.reinterpretAsInts().intoArray(room, to);
    s1.reinterpretAsInts().intoArray(room, to + INTS.length());
  }

  private void oneOfBytes(byte[] bytes, int[] room, int first, int end, int shift, int to) {
    ByteVector s = ByteVector.zero(BYTES);
    for (int one = first; one < end; one++) {
      s = s.add(ByteVector.fromArray(BYTES, bytes, room[one] + shift));
    }
    s.reinterpretAsInts().intoArray(room, to);
  }

  private void addShorts(byte[] bytes, int[] room, int first, int end, int shift) {
    int lanes = SHORTS.length();
    int out = 0;
    for (; out + 4 * lanes <= padded; out += 4 * lanes) {
      fourOfShorts(bytes, room, first, end, out - shift, narrow + out / 2);
    }
    for (; out < padded; out += lanes) {
      oneOfShorts(bytes, room, first, end, out - shift, narrow + out / 2);
    }
  }

  private void fourOfShorts(byte[] bytes, int[] room, int first, int end, int shift, int to) {
    int lanes = SHORTS.length();
    ShortVector s0 = ShortVector.zero(SHORTS);
    ShortVector s1 = ShortVector.zero(SHORTS);
    ShortVector s2 = ShortVector.zero(SHORTS);
    ShortVector s3 = ShortVector.zero(SHORTS);
    for (int one = first; one < end; one++) {
      int w = room[one] + shift;
      s0 = s0.add(ByteVector.fromArray(HALF_BYTES, bytes, w).convertShape(B2S, SHORTS, 0));
      s1 = s1.add(ByteVector.fromArray(HALF_BYTES, bytes, w + lanes).convertShape(B2S, SHORTS, 0));
      s2 =
          s2.add(
              ByteVector.fromArray(HALF_BYTES, bytes, w + 2 * lanes).convertShape(B2S, SHORTS, 0));
      s3 =
          s3.add(
              ByteVector.fromArray(HALF_BYTES, bytes, w + 3 * lanes).convertShape(B2S, SHORTS, 0));
    }
    s0.reinterpretAsInts().intoArray(room, to);
    s1.reinterpretAsInts().intoArray(room, to + INTS.length());
    s2.reinterpretAsInts().intoArray(room, to + 2 * INTS.length());
    s3.reinterpretAsInts().intoArray(room, to + 3 * INTS.length());
  }

  private void oneOfShorts(byte[] bytes, int[] room, int first, int end, int shift, int to) {
    ShortVector s = ShortVector.zero(SHORTS);
    for (int one = first; one < end; one++) {
      s =
          s.add(
              ByteVector.fromArray(HALF_BYTES, bytes, room[one] + shift)
                  .convertShape(B2S, SHORTS, 0));
    }
    s.reinterpretAsInts().intoArray(room, to);
  }
}
