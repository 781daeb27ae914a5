package io.popsight.engine.plan;

import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.BinaryConvolution;
import io.popsight.engine.conv.PixelConvolution;
import io.popsight.engine.conv.Threshold;
import io.popsight.model.Shape;

/** One thing done to a photo; its memory is the arena's. */
sealed interface Step {

  /** Name of the node whose values it makes. */
  String name();

  /** Runs for one photo of the batch. */
  void run(Arena arena, int photo);

  /** Bytes to ints. */
  record ReadPhoto(String name, int offset) implements Step {
    @Override
    public void run(Arena arena, int photo) {
      arena.photo().read(arena.pixels(), photo, offset);
    }
  }

  /** Photo to spikes, a row of sums at a time. */
  record Stem(String name, PixelConvolution convolution, Threshold threshold, int output)
      implements Step {
    @Override
    public void run(Arena arena, int photo) {
      BitMap out = arena.map(output);
      for (int row = 0; row < out.shape().rows(); row++) {
        convolution.row(arena.photo(), row, arena.sums());
        threshold.row(arena.sums(), row, out);
      }
    }
  }

  /** Spikes to spikes, a row of sums at a time. */
  record Hidden(
      String name, BinaryConvolution convolution, Threshold threshold, int input, int output)
      implements Step {
    @Override
    public void run(Arena arena, int photo) {
      BitMap in = arena.map(input);
      BitMap out = arena.map(output);
      for (int row = 0; row < out.shape().rows(); row++) {
        convolution.row(in, row, arena.sums());
        threshold.row(arena.sums(), row, out);
      }
    }
  }

  /** Spikes to a head's sums. */
  record Head(
      String name,
      BinaryConvolution convolution,
      int input,
      int head,
      Shape shape,
      int sumsPerPixel)
      implements Step {
    @Override
    public void run(Arena arena, int photo) {
      int[] into = arena.headSums()[head];
      int to = photo * shape.values();
      for (int row = 0; row < shape.rows(); row++) {
        convolution.row(arena.map(input), row, arena.sums());
        for (int column = 0; column < shape.columns(); column++) {
          System.arraycopy(arena.sums(), column * sumsPerPixel, into, to, shape.channels());
          to += shape.channels();
        }
      }
    }
  }

  /** Or over windows of words. */
  record Pool(String name, int input, int output, int size, int stride) implements Step {
    @Override
    public void run(Arena arena, int photo) {
      BitMap in = arena.map(input);
      BitMap out = arena.map(output);
      for (int row = 0; row < out.shape().rows(); row++) {
        for (int column = 0; column < out.shape().columns(); column++) {
          int to = out.index(row, column);
          for (int word = 0; word < out.words(); word++) {
            out.data()[to + word] = window(in, row * stride, column * stride, word);
          }
        }
      }
    }

    private long window(BitMap in, int row, int column, int word) {
      long or = 0;
      for (int y = row; y < row + size; y++) {
        int at = in.index(y, column) + word;
        for (int x = 0; x < size; x++) {
          or |= in.data()[at + x * in.words()];
        }
      }
      return or;
    }
  }

  /** The ones of a map into the spike counts. */
  record Count(String name, int input, int layer) implements Step {
    @Override
    public void run(Arena arena, int photo) {
      arena.spikeCounts()[layer][photo] = arena.map(input).count();
    }
  }
}
