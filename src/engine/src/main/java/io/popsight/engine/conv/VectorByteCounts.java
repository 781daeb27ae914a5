package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.BYTES;
import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.engine.bits.BitMap;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link MaskCounts} by counting bytes, which is what AVX2 (a table of sixteen in a register) and
 * NEON do: bytes are added up to words once in 31 words, before they can overflow. Otherwise as
 * {@link VectorWordCounts}, in tiles of two pixels by two vectors, because there may be sixteen
 * registers and counting needs some.
 */
final class VectorByteCounts implements MaskCounts {

  private static final int LANES = INTS.length();

  /** Words, of at most eight ones a byte, that a byte can count. */
  private static final int MOST_WORDS = 255 / Byte.SIZE;

  private final ConvolutionShape shape;
  private final MaskTiles tiles;
  private final int perPixel;

  VectorByteCounts(ConvolutionShape shape, WeightPlanes weights) {
    this.shape = shape;
    this.tiles = MaskTiles.of(shape, weights, 2);
    this.perPixel = tiles.vectors() * LANES;
  }

  @Override
  public void row(BitMap input, int row, int factor, int[] shared, int[] counts) {
    int columns = shape.output().columns();
    int start = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    int window = shape.kernel() * shape.kernel() * input.words();
    int width;
    for (int vector = 0; vector < tiles.vectors(); vector += width) {
      width = tiles.width(vector);
      int w = vector * window * LANES;
      int out = vector * LANES;
      if (columns < 2) {
        oneColumn(input, start, w, width, factor, shared[0], counts, out);
      } else if (width == 2) {
        twoByTwo(input, start, w, factor, shared, counts, out);
      } else {
        twoByOne(input, start, w, factor, shared, counts, out);
      }
    }
  }

  private void twoByTwo(
      BitMap input, int start, int first, int factor, int[] shared, int[] counts, int out) {
    int[] data = input.data();
    int[] masks = tiles.masks();
    int step = shape.stride() * input.words();
    int rowWords = input.rowWords();
    int kernel = shape.kernel();
    int perPixel = this.perPixel;
    int columns = shape.output().columns();
    int run = kernel * input.words();
    int rows = Math.max(1, MOST_WORDS / run);
    for (int tile = 0; tile < columns; tile += 2) {
      int column = Math.min(tile, columns - 2);
      int w = first;
      IntVector s00 = IntVector.zero(INTS);
      IntVector s01 = IntVector.zero(INTS);
      IntVector s10 = IntVector.zero(INTS);
      IntVector s11 = IntVector.zero(INTS);
      for (int top = 0; top < kernel; top += rows) {
        int bottom = Math.min(kernel, top + rows);
        for (int from = 0; from < run; from += MOST_WORDS) {
          int end = Math.min(run, from + MOST_WORDS);
          ByteVector c00 = ByteVector.zero(BYTES);
          ByteVector c01 = ByteVector.zero(BYTES);
          ByteVector c10 = ByteVector.zero(BYTES);
          ByteVector c11 = ByteVector.zero(BYTES);
          for (int ky = top; ky < bottom; ky++) {
            int a = start + column * step + ky * rowWords;
            for (int i = from; i < end; i++) {
              IntVector w0 = IntVector.fromArray(INTS, masks, w);
              IntVector w1 = IntVector.fromArray(INTS, masks, w + LANES);
              IntVector a0 = IntVector.broadcast(INTS, data[a + i]);
              c00 = c00.add(ones(a0.and(w0)));
              c01 = c01.add(ones(a0.and(w1)));
              IntVector a1 = IntVector.broadcast(INTS, data[a + i + step]);
              c10 = c10.add(ones(a1.and(w0)));
              c11 = c11.add(ones(a1.and(w1)));
              w += 2 * LANES;
            }
          }
          s00 = s00.add(words(c00));
          s01 = s01.add(words(c01));
          s10 = s10.add(words(c10));
          s11 = s11.add(words(c11));
        }
      }
      int s = column * perPixel + out;
      IntVector b0 = IntVector.broadcast(INTS, shared[column]);
      IntVector b1 = IntVector.broadcast(INTS, shared[column + 1]);
      s00.mul(factor).add(b0).intoArray(counts, s);
      s01.mul(factor).add(b0).intoArray(counts, s + LANES);
      s10.mul(factor).add(b1).intoArray(counts, s + perPixel);
      s11.mul(factor).add(b1).intoArray(counts, s + perPixel + LANES);
    }
  }

  private void twoByOne(
      BitMap input, int start, int first, int factor, int[] shared, int[] counts, int out) {
    int[] data = input.data();
    int[] masks = tiles.masks();
    int step = shape.stride() * input.words();
    int rowWords = input.rowWords();
    int kernel = shape.kernel();
    int perPixel = this.perPixel;
    int columns = shape.output().columns();
    int run = kernel * input.words();
    int rows = Math.max(1, MOST_WORDS / run);
    for (int tile = 0; tile < columns; tile += 2) {
      int column = Math.min(tile, columns - 2);
      int w = first;
      IntVector s00 = IntVector.zero(INTS);
      IntVector s10 = IntVector.zero(INTS);
      for (int top = 0; top < kernel; top += rows) {
        int bottom = Math.min(kernel, top + rows);
        for (int from = 0; from < run; from += MOST_WORDS) {
          int end = Math.min(run, from + MOST_WORDS);
          ByteVector c00 = ByteVector.zero(BYTES);
          ByteVector c10 = ByteVector.zero(BYTES);
          for (int ky = top; ky < bottom; ky++) {
            int a = start + column * step + ky * rowWords;
            for (int i = from; i < end; i++) {
              IntVector w0 = IntVector.fromArray(INTS, masks, w);
              IntVector a0 = IntVector.broadcast(INTS, data[a + i]);
              c00 = c00.add(ones(a0.and(w0)));
              IntVector a1 = IntVector.broadcast(INTS, data[a + i + step]);
              c10 = c10.add(ones(a1.and(w0)));
              w += LANES;
            }
          }
          s00 = s00.add(words(c00));
          s10 = s10.add(words(c10));
        }
      }
      int s = column * perPixel + out;
      IntVector b0 = IntVector.broadcast(INTS, shared[column]);
      IntVector b1 = IntVector.broadcast(INTS, shared[column + 1]);
      s00.mul(factor).add(b0).intoArray(counts, s);
      s10.mul(factor).add(b1).intoArray(counts, s + perPixel);
    }
  }

  private void oneColumn(
      BitMap input, int at, int w, int width, int factor, int shared, int[] counts, int out) {
    int run = shape.kernel() * input.words();
    for (int v = 0; v < width; v++) {
      int mask = w + v * LANES;
      IntVector sum = IntVector.zero(INTS);
      for (int ky = 0; ky < shape.kernel(); ky++) {
        for (int i = 0; i < run; i++) {
          IntVector masked =
              IntVector.fromArray(INTS, tiles.masks(), mask)
                  .and(input.data()[at + ky * input.rowWords() + i]);
          sum = sum.add(words(ones(masked)));
          mask += width * LANES;
        }
      }
      sum.mul(factor).add(shared).intoArray(counts, out + v * LANES);
    }
  }

  private static ByteVector ones(IntVector words) {
    return words.reinterpretAsBytes().lanewise(VectorOperators.BIT_COUNT);
  }

  /** The four bytes of each word added up. */
  private static IntVector words(ByteVector bytes) {
    IntVector four = bytes.reinterpretAsInts();
    IntVector two = four.and(0xff00ff).add(four.lanewise(VectorOperators.LSHR, 8).and(0xff00ff));
    return two.and(0xffff).add(two.lanewise(VectorOperators.LSHR, 16));
  }
}
