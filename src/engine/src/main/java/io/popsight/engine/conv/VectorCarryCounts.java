package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.BYTES;
import static io.popsight.engine.conv.Lanes.INTS;
import static jdk.incubator.vector.VectorOperators.BIT_COUNT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import io.popsight.engine.bits.BitMap;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;

/**
 * Counts where no instruction counts the bits of a lane and a dozen instead of it do. Carry-save
 * adders add words bit by bit, so that four words cost one count of bits: the carries of a second
 * place, whose ones count four each (Harley and Seal; Muła, Kurz and Lemire, "Faster Population
 * Counts Using AVX2 Instructions", 2018). Bits are counted by bytes, which is the cheapest there,
 * and bytes are added up before they overflow.
 *
 * <p>The words of each window are copied to lie one behind the other first, filled up with zeros; a
 * row's windows are copied once for all masks.
 */
final class VectorCarryCounts implements WordCounts {

  private static final int LANES = INTS.length();

  /** Words that a count of bits is for. */
  private static final int AT_ONCE = 4;

  /** Words until a byte that counts eight bits of each four might overflow. */
  private static final int MOST = 0xff / Byte.SIZE * AT_ONCE;

  /** The lower byte of each half of an int. */
  private static final int EVEN_BYTES = 0x00ff00ff;

  private final ConvolutionShape shape;
  private final int vectors;

  /** Layout [vector][word][lane], and behind it what a window's zeros meet. */
  private final int[] masks;

  /** Words of a window. */
  private final int window;

  /** The same, filled up. */
  private final int padded;

  /** Where in the room the windows are. */
  private final int windows;

  /**
   * Counts under masks.
   *
   * @param free where in the room for counts that of windows may begin
   */
  VectorCarryCounts(ConvolutionShape shape, WeightPlanes weights, int free) {
    this.shape = shape;
    MaskTiles tiles = MaskTiles.of(shape, weights, 1);
    this.vectors = tiles.vectors();
    this.window = tiles.masks().length / (vectors * LANES);
    this.padded = (window + AT_ONCE - 1) / AT_ONCE * AT_ONCE;
    this.masks = Arrays.copyOf(tiles.masks(), tiles.masks().length + AT_ONCE * LANES);
    this.windows = free;
  }

  @Override
  public int room() {
    return Math.multiplyExact(shape.output().columns(), padded);
  }

  @Override
  public void row(BitMap input, int row, int factor, RowSums into, int[] counts) {
    copyWindows(input, row, into.counts());
    for (int vector = 0; vector < vectors; vector++) {
      row(vector, factor, into, counts);
    }
  }

  private void copyWindows(BitMap input, int row, int[] room) {
    int run = shape.kernel() * input.words();
    int first = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    int to = windows;
    for (int column = 0; column < shape.output().columns(); column++) {
      int from = first + column * shape.stride() * input.words();
      for (int ky = 0; ky < shape.kernel(); ky++) {
        System.arraycopy(input.data(), from, room, to, run);
        from += input.rowWords();
        to += run;
      }
      Arrays.fill(room, to, to + padded - window, 0);
      to += padded - window;
    }
  }

  private void row(int vector, int factor, RowSums into, int[] counts) {
    int[] masks = this.masks;
    int[] room = into.counts();
    int[] shared = into.shared();
    int perPixel = vectors * LANES;
    int padded = this.padded;
    for (int column = 0; column < shape.output().columns(); column++) {
      int a = windows + column * padded;
      int w = vector * window * LANES;
      IntVector ones = IntVector.zero(INTS);
      IntVector twos = IntVector.zero(INTS);
      IntVector sum = IntVector.zero(INTS);
      int word = 0;
      while (word < padded) {
        int end = Math.min(padded, word + MOST);
        ByteVector fours = ByteVector.zero(BYTES);
        for (; word < end; word += AT_ONCE) {
          IntVector x = IntVector.fromArray(INTS, masks, w).and(room[a + word]);
          IntVector y = IntVector.fromArray(INTS, masks, w + LANES).and(room[a + word + 1]);
          IntVector either = x.lanewise(XOR, y);
          IntVector carry = x.and(y).or(either.and(ones));
          ones = ones.lanewise(XOR, either);
          x = IntVector.fromArray(INTS, masks, w + 2 * LANES).and(room[a + word + 2]);
          y = IntVector.fromArray(INTS, masks, w + 3 * LANES).and(room[a + word + 3]);
          either = x.lanewise(XOR, y);
          IntVector other = x.and(y).or(either.and(ones));
          ones = ones.lanewise(XOR, either);
          either = carry.lanewise(XOR, other);
          IntVector four = carry.and(other).or(either.and(twos));
          twos = twos.lanewise(XOR, either);
          fours = fours.add(four.reinterpretAsBytes().lanewise(BIT_COUNT));
          w += AT_ONCE * LANES;
        }
        IntVector bytes = fours.reinterpretAsInts();
        IntVector pairs = bytes.and(EVEN_BYTES).add(bytes.lanewise(LSHR, 8).and(EVEN_BYTES));
        sum = sum.add(pairs.and(0xffff)).add(pairs.lanewise(LSHR, 16));
      }
      ByteVector low = twos.reinterpretAsBytes().lanewise(BIT_COUNT);
      low = low.add(low).add(ones.reinterpretAsBytes().lanewise(BIT_COUNT));
      // The four bytes of an int, at most 24 each, come together in its highest.
      IntVector rest = low.reinterpretAsInts().mul(0x01010101).lanewise(LSHR, 24);
      sum.lanewise(LSHL, 2)
          .add(rest)
          .mul(factor)
          .add(shared[column])
          .intoArray(counts, column * perPixel + vector * LANES);
    }
  }
}
