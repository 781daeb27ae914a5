package io.popsight.engine.conv;

import static io.popsight.engine.conv.Lanes.INTS;

import io.popsight.engine.bits.BitMap;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Ones of each window under each mask. The lanes are masks; the input word is broadcast, and
 * nothing is ever added across lanes. A tile of four pixels by four vectors keeps sixteen
 * accumulators in registers; what is left over at the right and behind the last mask is done in
 * narrower tiles, so that 96 or 9 masks cost what they need. The masks' loop is outside, so the
 * masks of a tile stay in the cache while a row streams by.
 *
 * <p>The tiles are written out one by one because C2 keeps accumulators in registers only as local
 * variables: an array of vectors, or a call that it leaves out of line, would allocate them, and
 * one body for every width would carry accumulators that a narrow tile does not need.
 */
final class VectorWordCounts implements WordCounts {

  private static final int LANES = INTS.length();

  /** Vectors of a full tile: half as many where there are only sixteen registers. */
  private static final int WIDEST = INTS.vectorBitSize() == 512 ? 4 : 2;

  private final ConvolutionShape shape;
  private final MaskTiles tiles;
  private final int perPixel;

  VectorWordCounts(ConvolutionShape shape, WeightPlanes weights) {
    this.shape = shape;
    this.tiles = MaskTiles.of(shape, weights, WIDEST);
    this.perPixel = tiles.vectors() * LANES;
  }

  @Override
  public int room() {
    return 0;
  }

  @Override
  public void row(BitMap input, int row, int factor, RowSums into, int[] counts) {
    int[] shared = into.shared();
    int columns = shape.output().columns();
    int start = input.index(row * shape.stride() - shape.padding(), -shape.padding());
    int window = shape.kernel() * shape.kernel() * input.words();
    int width;
    for (int vector = 0; vector < tiles.vectors(); vector += width) {
      width = tiles.width(vector);
      int w = vector * window * LANES;
      int out = vector * LANES;
      if (columns < 4) {
        few(input, start, w, width, factor, shared, counts, out);
      } else {
        switch (width) {
          case 4 -> fourByFour(input, start, w, factor, shared, counts, out);
          case 2 -> fourByTwo(input, start, w, factor, shared, counts, out);
          default -> fourByOne(input, start, w, factor, shared, counts, out);
        }
      }
    }
  }

  private void fourByFour(
      BitMap input, int start, int first, int factor, int[] shared, int[] counts, int out) {
    int[] data = input.data();
    int[] masks = tiles.masks();
    int step = shape.stride() * input.words();
    int rowWords = input.rowWords();
    int kernel = shape.kernel();
    int perPixel = this.perPixel;
    int columns = shape.output().columns();
    int run = kernel * input.words();
    for (int tile = 0; tile < columns; tile += 4) {
      int column = Math.min(tile, columns - 4);
      int w = first;
      IntVector s00 = IntVector.zero(INTS);
      IntVector s01 = IntVector.zero(INTS);
      IntVector s02 = IntVector.zero(INTS);
      IntVector s03 = IntVector.zero(INTS);
      IntVector s10 = IntVector.zero(INTS);
      IntVector s11 = IntVector.zero(INTS);
      IntVector s12 = IntVector.zero(INTS);
      IntVector s13 = IntVector.zero(INTS);
      IntVector s20 = IntVector.zero(INTS);
      IntVector s21 = IntVector.zero(INTS);
      IntVector s22 = IntVector.zero(INTS);
      IntVector s23 = IntVector.zero(INTS);
      IntVector s30 = IntVector.zero(INTS);
      IntVector s31 = IntVector.zero(INTS);
      IntVector s32 = IntVector.zero(INTS);
      IntVector s33 = IntVector.zero(INTS);
      for (int ky = 0; ky < kernel; ky++) {
        int a = start + column * step + ky * rowWords;
        for (int i = 0; i < run; i++) {
          IntVector w0 = IntVector.fromArray(INTS, masks, w);
          IntVector w1 = IntVector.fromArray(INTS, masks, w + LANES);
          IntVector w2 = IntVector.fromArray(INTS, masks, w + 2 * LANES);
          IntVector w3 = IntVector.fromArray(INTS, masks, w + 3 * LANES);
          IntVector a0 = IntVector.broadcast(INTS, data[a + i]);
          s00 = s00.add(a0.and(w0).lanewise(VectorOperators.BIT_COUNT));
          s01 = s01.add(a0.and(w1).lanewise(VectorOperators.BIT_COUNT));
          s02 = s02.add(a0.and(w2).lanewise(VectorOperators.BIT_COUNT));
          s03 = s03.add(a0.and(w3).lanewise(VectorOperators.BIT_COUNT));
          IntVector a1 = IntVector.broadcast(INTS, data[a + i + step]);
          s10 = s10.add(a1.and(w0).lanewise(VectorOperators.BIT_COUNT));
          s11 = s11.add(a1.and(w1).lanewise(VectorOperators.BIT_COUNT));
          s12 = s12.add(a1.and(w2).lanewise(VectorOperators.BIT_COUNT));
          s13 = s13.add(a1.and(w3).lanewise(VectorOperators.BIT_COUNT));
          IntVector a2 = IntVector.broadcast(INTS, data[a + i + 2 * step]);
          s20 = s20.add(a2.and(w0).lanewise(VectorOperators.BIT_COUNT));
          s21 = s21.add(a2.and(w1).lanewise(VectorOperators.BIT_COUNT));
          s22 = s22.add(a2.and(w2).lanewise(VectorOperators.BIT_COUNT));
          s23 = s23.add(a2.and(w3).lanewise(VectorOperators.BIT_COUNT));
          IntVector a3 = IntVector.broadcast(INTS, data[a + i + 3 * step]);
          s30 = s30.add(a3.and(w0).lanewise(VectorOperators.BIT_COUNT));
          s31 = s31.add(a3.and(w1).lanewise(VectorOperators.BIT_COUNT));
          s32 = s32.add(a3.and(w2).lanewise(VectorOperators.BIT_COUNT));
          s33 = s33.add(a3.and(w3).lanewise(VectorOperators.BIT_COUNT));
          w += 4 * LANES;
        }
      }
      int s = column * perPixel + out;
      IntVector b0 = IntVector.broadcast(INTS, shared[column]);
      IntVector b1 = IntVector.broadcast(INTS, shared[column + 1]);
      IntVector b2 = IntVector.broadcast(INTS, shared[column + 2]);
      IntVector b3 = IntVector.broadcast(INTS, shared[column + 3]);
      s00.mul(factor).add(b0).intoArray(counts, s);
      s01.mul(factor).add(b0).intoArray(counts, s + LANES);
      s02.mul(factor).add(b0).intoArray(counts, s + 2 * LANES);
      s03.mul(factor).add(b0).intoArray(counts, s + 3 * LANES);
      s10.mul(factor).add(b1).intoArray(counts, s + perPixel);
      s11.mul(factor).add(b1).intoArray(counts, s + perPixel + LANES);
      s12.mul(factor).add(b1).intoArray(counts, s + perPixel + 2 * LANES);
      s13.mul(factor).add(b1).intoArray(counts, s + perPixel + 3 * LANES);
      s20.mul(factor).add(b2).intoArray(counts, s + 2 * perPixel);
      s21.mul(factor).add(b2).intoArray(counts, s + 2 * perPixel + LANES);
      s22.mul(factor).add(b2).intoArray(counts, s + 2 * perPixel + 2 * LANES);
      s23.mul(factor).add(b2).intoArray(counts, s + 2 * perPixel + 3 * LANES);
      s30.mul(factor).add(b3).intoArray(counts, s + 3 * perPixel);
      s31.mul(factor).add(b3).intoArray(counts, s + 3 * perPixel + LANES);
      s32.mul(factor).add(b3).intoArray(counts, s + 3 * perPixel + 2 * LANES);
      s33.mul(factor).add(b3).intoArray(counts, s + 3 * perPixel + 3 * LANES);
    }
  }

  private void fourByTwo(
      BitMap input, int start, int first, int factor, int[] shared, int[] counts, int out) {
    int[] data = input.data();
    int[] masks = tiles.masks();
    int step = shape.stride() * input.words();
    int rowWords = input.rowWords();
    int kernel = shape.kernel();
    int perPixel = this.perPixel;
    int columns = shape.output().columns();
    int run = kernel * input.words();
    for (int tile = 0; tile < columns; tile += 4) {
      int column = Math.min(tile, columns - 4);
      int w = first;
      IntVector s00 = IntVector.zero(INTS);
      IntVector s01 = IntVector.zero(INTS);
      IntVector s10 = IntVector.zero(INTS);
      IntVector s11 = IntVector.zero(INTS);
      IntVector s20 = IntVector.zero(INTS);
      IntVector s21 = IntVector.zero(INTS);
      IntVector s30 = IntVector.zero(INTS);
      IntVector s31 = IntVector.zero(INTS);
      for (int ky = 0; ky < kernel; ky++) {
        int a = start + column * step + ky * rowWords;
        for (int i = 0; i < run; i++) {
          IntVector w0 = IntVector.fromArray(INTS, masks, w);
          IntVector w1 = IntVector.fromArray(INTS, masks, w + LANES);
          IntVector a0 = IntVector.broadcast(INTS, data[a + i]);
          s00 = s00.add(a0.and(w0).lanewise(VectorOperators.BIT_COUNT));
          s01 = s01.add(a0.and(w1).lanewise(VectorOperators.BIT_COUNT));
          IntVector a1 = IntVector.broadcast(INTS, data[a + i + step]);
          s10 = s10.add(a1.and(w0).lanewise(VectorOperators.BIT_COUNT));
          s11 = s11.add(a1.and(w1).lanewise(VectorOperators.BIT_COUNT));
          IntVector a2 = IntVector.broadcast(INTS, data[a + i + 2 * step]);
          s20 = s20.add(a2.and(w0).lanewise(VectorOperators.BIT_COUNT));
          s21 = s21.add(a2.and(w1).lanewise(VectorOperators.BIT_COUNT));
          IntVector a3 = IntVector.broadcast(INTS, data[a + i + 3 * step]);
          s30 = s30.add(a3.and(w0).lanewise(VectorOperators.BIT_COUNT));
          s31 = s31.add(a3.and(w1).lanewise(VectorOperators.BIT_COUNT));
          w += 2 * LANES;
        }
      }
      int s = column * perPixel + out;
      IntVector b0 = IntVector.broadcast(INTS, shared[column]);
      IntVector b1 = IntVector.broadcast(INTS, shared[column + 1]);
      IntVector b2 = IntVector.broadcast(INTS, shared[column + 2]);
      IntVector b3 = IntVector.broadcast(INTS, shared[column + 3]);
      s00.mul(factor).add(b0).intoArray(counts, s);
      s01.mul(factor).add(b0).intoArray(counts, s + LANES);
      s10.mul(factor).add(b1).intoArray(counts, s + perPixel);
      s11.mul(factor).add(b1).intoArray(counts, s + perPixel + LANES);
      s20.mul(factor).add(b2).intoArray(counts, s + 2 * perPixel);
      s21.mul(factor).add(b2).intoArray(counts, s + 2 * perPixel + LANES);
      s30.mul(factor).add(b3).intoArray(counts, s + 3 * perPixel);
      s31.mul(factor).add(b3).intoArray(counts, s + 3 * perPixel + LANES);
    }
  }

  private void fourByOne(
      BitMap input, int start, int first, int factor, int[] shared, int[] counts, int out) {
    int[] data = input.data();
    int[] masks = tiles.masks();
    int step = shape.stride() * input.words();
    int rowWords = input.rowWords();
    int kernel = shape.kernel();
    int perPixel = this.perPixel;
    int columns = shape.output().columns();
    int run = kernel * input.words();
    for (int tile = 0; tile < columns; tile += 4) {
      int column = Math.min(tile, columns - 4);
      int w = first;
      IntVector s00 = IntVector.zero(INTS);
      IntVector s10 = IntVector.zero(INTS);
      IntVector s20 = IntVector.zero(INTS);
      IntVector s30 = IntVector.zero(INTS);
      for (int ky = 0; ky < kernel; ky++) {
        int a = start + column * step + ky * rowWords;
        for (int i = 0; i < run; i++) {
          IntVector w0 = IntVector.fromArray(INTS, masks, w);
          IntVector a0 = IntVector.broadcast(INTS, data[a + i]);
          s00 = s00.add(a0.and(w0).lanewise(VectorOperators.BIT_COUNT));
          IntVector a1 = IntVector.broadcast(INTS, data[a + i + step]);
          s10 = s10.add(a1.and(w0).lanewise(VectorOperators.BIT_COUNT));
          IntVector a2 = IntVector.broadcast(INTS, data[a + i + 2 * step]);
          s20 = s20.add(a2.and(w0).lanewise(VectorOperators.BIT_COUNT));
          IntVector a3 = IntVector.broadcast(INTS, data[a + i + 3 * step]);
          s30 = s30.add(a3.and(w0).lanewise(VectorOperators.BIT_COUNT));
          w += LANES;
        }
      }
      int s = column * perPixel + out;
      IntVector b0 = IntVector.broadcast(INTS, shared[column]);
      IntVector b1 = IntVector.broadcast(INTS, shared[column + 1]);
      IntVector b2 = IntVector.broadcast(INTS, shared[column + 2]);
      IntVector b3 = IntVector.broadcast(INTS, shared[column + 3]);
      s00.mul(factor).add(b0).intoArray(counts, s);
      s10.mul(factor).add(b1).intoArray(counts, s + perPixel);
      s20.mul(factor).add(b2).intoArray(counts, s + 2 * perPixel);
      s30.mul(factor).add(b3).intoArray(counts, s + 3 * perPixel);
    }
  }

  /** A map of fewer than four columns. */
  private void few(
      BitMap input, int at, int w, int width, int factor, int[] shared, int[] counts, int s) {
    for (int column = 0; column < shape.output().columns(); column++) {
      int a = at + column * shape.stride() * input.words();
      for (int v = 0; v < width; v++) {
        one(input, a, w + v * LANES, width * LANES)
            .mul(factor)
            .add(shared[column])
            .intoArray(counts, s + column * perPixel + v * LANES);
      }
    }
  }

  private IntVector one(BitMap input, int at, int w, int next) {
    int[] data = input.data();
    int run = shape.kernel() * input.words();
    IntVector sum = IntVector.zero(INTS);
    for (int ky = 0; ky < shape.kernel(); ky++) {
      int a = at + ky * input.rowWords();
      for (int i = 0; i < run; i++) {
        IntVector mask = IntVector.fromArray(INTS, tiles.masks(), w);
        sum = sum.add(mask.and(data[a + i]).lanewise(VectorOperators.BIT_COUNT));
        w += next;
      }
    }
    return sum;
  }
}
