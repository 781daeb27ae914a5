package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.BYTES;
import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.engine.bits.BitMap;
import io.popsight.model.Weights;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;

/**
 * As {@link VectorEventConvolution}, for windows of 3x3 that move by a pixel and weights of 1 and 2
 * bits: a one is read once, and its weights are added to the sums of the three windows that see its
 * column. Their weights for it stand one after the other, as do the narrow sums of the windows of a
 * row.
 */
final class VectorColumnEvents implements BinaryConvolution {

  private static final int KERNEL = 3;

  private static final NarrowSums NARROW = NarrowSums.OF_BYTES;

  private static final int LANES = BYTES.length();

  /** Output channels that are added at once where so many are left; else half of them. */
  private static final int TILE = 2 * LANES;

  private final ConvolutionShape shape;
  private final ThreeRowOnes ones;

  /** Output channels, filled up to whole vectors of bytes. */
  private final int padded;

  /** Weights that an output channel has. */
  private final int window;

  /** Layout [tile][row][in][column, from the last][channels of the tile]. */
  private final PackedWeights weights;

  /** Ones that may be added before a lane overflows. */
  private final int most;

  /** Where in the room the narrow sums are, of windows that would begin two columns earlier on. */
  private final int narrow;

  VectorColumnEvents(ConvolutionShape shape, Weights weights) {
    this.shape = shape;
    int inChannels = weights.inChannels();
    this.padded = (weights.outChannels() + LANES - 1) / LANES * LANES;
    this.window = Math.multiplyExact(KERNEL * KERNEL, inChannels);
    byte[] bytes = new byte[Math.multiplyExact(window, padded)];
    int largest = 1;
    for (int out = 0; out < weights.outChannels(); out++) {
      int tile = out / TILE * TILE;
      int first = window * tile + NARROW.place(out) - tile;
      int channels = Math.min(TILE, padded - tile);
      for (int at = 0; at < window; at++) {
        int column = KERNEL - 1 - at % KERNEL;
        int pixel = at / KERNEL;
        int weight = weights.at(out, pixel % inChannels, pixel / inChannels, column);
        bytes[first + at * channels] = (byte) weight;
        largest = Math.max(largest, Math.abs(weight));
      }
    }
    this.weights = new PackedWeights(bytes, weights.bits());
    this.most = NARROW.most() / largest;
    this.ones = new ThreeRowOnes(shape, inChannels, KERNEL * TILE);
    this.narrow = ones.room();
  }

  @Override
  public int room() {
    return Math.addExact(narrow, windowsOfRow() * TILE / NARROW.parts());
  }

  @Override
  public int weightRoom() {
    return weights.room();
  }

  /** Those that begin in the padding's columns before and behind included. */
  private int windowsOfRow() {
    return shape.output().columns() + 2 * (KERNEL - 1);
  }

  /** Ints that the narrow sums of a window take, of the channels of a tile. */
  private int size(int tile) {
    return Math.min(TILE, padded - tile) / NARROW.parts();
  }

  @Override
  public void row(BitMap input, int row, boolean follows, RowSums into) {
    int header = ones.list(input, row, follows, into.counts());
    byte[] bytes = into.weights().bytesOf(weights);
    for (int tile = 0; tile < padded; tile += TILE) {
      tile(bytes, into.counts(), header, into.values(), tile);
    }
  }

  private void tile(byte[] bytes, int[] room, int header, int[] sums, int tile) {
    int columns = shape.output().columns();
    int size = size(tile);
    Arrays.fill(room, narrow, narrow + windowsOfRow() * size, 0);
    int flushed = 0;
    int begun = 0;
    for (int x = 0; x < columns + KERNEL - 1; x++) {
      int eldest = x - KERNEL + 1;
      int at = narrow + x * size;
      int first = room[header + x * KERNEL];
      int last = room[header + (x + 1) * KERNEL];
      int since = Math.max(flushed, room[header + Math.max(eldest, 0) * KERNEL]);
      while (last - since > most) {
        flushed = since + most;
        add(bytes, room, first, flushed, tile, at);
        begun = flush(room, sums, tile, x, begun);
        first = flushed;
        since = flushed;
      }
      add(bytes, room, first, last, tile, at);
      if (eldest >= 0) {
        widen(room, sums, tile, eldest, eldest < begun);
        begun = Math.max(begun, eldest + 1);
      }
    }
  }

  /**
   * Makes ints of the sums of the windows that see a column, before they overflow.
   *
   * @param begun windows that have ints already
   * @return windows that have now
   */
  private int flush(int[] room, int[] sums, int tile, int x, int begun) {
    int end = Math.min(x + 1, shape.output().columns());
    for (int window = Math.max(x - KERNEL + 1, 0); window < end; window++) {
      widen(room, sums, tile, window, window < begun);
    }
    int size = size(tile);
    Arrays.fill(room, narrow + x * size, narrow + (x + KERNEL) * size, 0);
    return Math.max(begun, end);
  }

  private void widen(int[] room, int[] sums, int tile, int window, boolean add) {
    int size = size(tile);
    int pixel = window * shape.sumsPerPixel();
    int end = pixel + Math.min(tile + TILE, shape.sumsPerPixel());
    NARROW.widen(room, narrow + (window + KERNEL - 1) * size, sums, pixel + tile, end, add);
  }

  private void add(byte[] bytes, int[] room, int first, int end, int tile, int at) {
    if (padded - tile < TILE) {
      one(bytes, room, first, end, window * tile, at);
    } else {
      two(bytes, room, first, end, window * tile, at);
    }
  }

  private void two(byte[] bytes, int[] room, int first, int end, int shift, int at) {
    int ints = INTS.length();
    ByteVector s0 = IntVector.fromArray(INTS, room, at).reinterpretAsBytes();
    ByteVector s1 = IntVector.fromArray(INTS, room, at + ints).reinterpretAsBytes();
    ByteVector s2 = IntVector.fromArray(INTS, room, at + 2 * ints).reinterpretAsBytes();
    ByteVector s3 = IntVector.fromArray(INTS, room, at + 3 * ints).reinterpretAsBytes();
    ByteVector s4 = IntVector.fromArray(INTS, room, at + 4 * ints).reinterpretAsBytes();
    ByteVector s5 = IntVector.fromArray(INTS, room, at + 5 * ints).reinterpretAsBytes();
    for (int one = first; one < end; one++) {
      int w = room[one] + shift;
      s0 = s0.add(ByteVector.fromArray(BYTES, bytes, w));
      s1 = s1.add(ByteVector.fromArray(BYTES, bytes, w + LANES));
      s2 = s2.add(ByteVector.fromArray(BYTES, bytes, w + 2 * LANES));
      s3 = s3.add(ByteVector.fromArray(BYTES, bytes, w + 3 * LANES));
      s4 = s4.add(ByteVector.fromArray(BYTES, bytes, w + 4 * LANES));
      s5 = s5.add(ByteVector.fromArray(BYTES, bytes, w + 5 * LANES));
    }
    s0.reinterpretAsInts().intoArray(room, at);
    s1.reinterpretAsInts().intoArray(room, at + ints);
    s2.reinterpretAsInts().intoArray(room, at + 2 * ints);
    s3.reinterpretAsInts().intoArray(room, at + 3 * ints);
    s4.reinterpretAsInts().intoArray(room, at + 4 * ints);
    s5.reinterpretAsInts().intoArray(room, at + 5 * ints);
  }

  private void one(byte[] bytes, int[] room, int first, int end, int shift, int at) {
    int ints = INTS.length();
    ByteVector s0 = IntVector.fromArray(INTS, room, at).reinterpretAsBytes();
    ByteVector s1 = IntVector.fromArray(INTS, room, at + ints).reinterpretAsBytes();
    ByteVector s2 = IntVector.fromArray(INTS, room, at + 2 * ints).reinterpretAsBytes();
    for (int one = first; one < end; one++) {
      // A one is told for a whole tile, which this is half of.
      int w = (room[one] >> 1) + shift;
      s0 = s0.add(ByteVector.fromArray(BYTES, bytes, w));
      s1 = s1.add(ByteVector.fromArray(BYTES, bytes, w + LANES));
      s2 = s2.add(ByteVector.fromArray(BYTES, bytes, w + 2 * LANES));
    }
    s0.reinterpretAsInts().intoArray(room, at);
    s1.reinterpretAsInts().intoArray(room, at + ints);
    s2.reinterpretAsInts().intoArray(room, at + 2 * ints);
  }
}
