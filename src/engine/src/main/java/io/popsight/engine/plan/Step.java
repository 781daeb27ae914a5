package io.popsight.engine.plan;

import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.BinaryConvolution;
import io.popsight.engine.conv.PixelConvolution;
import io.popsight.engine.conv.StreamUpdate;
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
        threshold.row(arena.sums().values(), 0, row, out);
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
        threshold.row(arena.sums().values(), 0, row, out);
      }
    }
  }

  /** Spikes to a stream, a row of sums at a time. */
  record Stream(
      String name,
      BinaryConvolution convolution,
      StreamUpdate update,
      int input,
      int base,
      int output,
      Shape shape,
      int sumsPerPixel)
      implements Step {

    static final int NO_BASE = -1;

    @Override
    public void run(Arena arena, int photo) {
      int rowLength = shape.columns() * sumsPerPixel;
      int[] to = arena.stream(output);
      for (int row = 0; row < shape.rows(); row++) {
        convolution.row(arena.map(input), row, arena.sums());
        if (base == NO_BASE) {
          update.start(arena.sums().values(), shape.columns(), to, row * rowLength);
        } else {
          update.add(
              arena.sums().values(),
              shape.columns(),
              arena.stream(base),
              row * rowLength,
              to,
              row * rowLength);
        }
      }
    }
  }

  /** A stream to spikes. */
  record Fire(String name, Threshold threshold, int input, int output, int sumsPerPixel)
      implements Step {
    @Override
    public void run(Arena arena, int photo) {
      BitMap out = arena.map(output);
      int rowLength = out.shape().columns() * sumsPerPixel;
      for (int row = 0; row < out.shape().rows(); row++) {
        threshold.row(arena.stream(input), row * rowLength, row, out);
      }
    }
  }

  /** Every pixel's words repeated. */
  record Upsample(String name, int input, int output, int factor) implements Step {
    @Override
    public void run(Arena arena, int photo) {
      BitMap in = arena.map(input);
      BitMap out = arena.map(output);
      int words = out.words();
      for (int row = 0; row < out.shape().rows(); row++) {
        for (int column = 0; column < out.shape().columns(); column++) {
          int from = in.index(row / factor, column / factor);
          System.arraycopy(in.data(), from, out.data(), out.index(row, column), words);
        }
        out.countRow(row);
      }
    }
  }

  /** Pixels' bits one map after the other. */
  record Concat(String name, int[] inputs, int output) implements Step {
    @Override
    public void run(Arena arena, int photo) {
      BitMap out = arena.map(output);
      out.clear();
      int first = 0;
      for (int input : inputs) {
        BitMap in = arena.map(input);
        for (int row = 0; row < out.shape().rows(); row++) {
          for (int column = 0; column < out.shape().columns(); column++) {
            append(in, in.index(row, column), first, out, out.index(row, column));
          }
        }
        first += in.shape().channels();
      }
      for (int row = 0; row < out.shape().rows(); row++) {
        out.countRow(row);
      }
    }

    /** Bits beyond the last channel are zero, so words may simply be shifted into their place. */
    private static void append(BitMap in, int from, int first, BitMap out, int to) {
      int shift = first % BitMap.WORD;
      int at = to + first / BitMap.WORD;
      for (int word = 0; word < in.words(); word++) {
        int bits = in.data()[from + word];
        out.data()[at + word] |= bits << shift;
        int carried = shift == 0 ? 0 : bits >>> (BitMap.WORD - shift);
        if (carried != 0) {
          out.data()[at + word + 1] |= carried;
        }
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
          System.arraycopy(
              arena.sums().values(), column * sumsPerPixel, into, to, shape.channels());
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
        out.countRow(row);
      }
    }

    private int window(BitMap in, int row, int column, int word) {
      int or = 0;
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
