package io.popsight.engine.plan;

import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.BinaryConvolution;
import io.popsight.engine.conv.MembraneUpdate;
import io.popsight.engine.conv.PhotoRows;
import io.popsight.engine.conv.PixelConvolution;
import io.popsight.engine.conv.RowSums;
import io.popsight.engine.conv.StreamUpdate;
import io.popsight.engine.conv.Threshold;
import io.popsight.model.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * One thing done to a photo; its memory is the arena's. It makes rows, none of which needs another
 * of the same step, so that they may be made by several threads.
 */
sealed interface Step {

  /** Name of the node whose values it makes. */
  String name();

  /** How many rows it makes. */
  int rows(Arena arena);

  /**
   * Makes some rows for one photo of the batch.
   *
   * @param end row behind the last
   * @param sums the thread's own
   */
  void run(Arena arena, int photo, int from, int end, RowSums sums);

  /** Bytes to floats. */
  record ReadPhoto(String name, PhotoRows read, int bytesPerRow) implements Step {
    @Override
    public int rows(Arena arena) {
      return arena.photo().rows();
    }

    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      int first = photo * arena.photo().rows();
      for (int row = from; row < end; row++) {
        read.row(arena.pixels(), (first + row) * bytesPerRow, arena.photo(), row);
      }
    }
  }

  /** A step that writes a map of spikes. */
  sealed interface ToMap extends Step {
    /** Number of the map. */
    int output();

    @Override
    default int rows(Arena arena) {
      return arena.map(output()).shape().rows();
    }
  }

  /** Photo to spikes, a row of sums at a time. */
  record Stem(String name, PixelConvolution convolution, Threshold threshold, int output)
      implements ToMap {
    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      for (int row = from; row < end; row++) {
        convolution.row(arena.photo(), row, sums);
        threshold.row(sums.values(), 0, row, arena.map(output));
      }
    }
  }

  /** Spikes to spikes, a row of sums at a time. */
  record Hidden(
      String name, BinaryConvolution convolution, Threshold threshold, int input, int output)
      implements ToMap {
    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      for (int row = from; row < end; row++) {
        convolution.row(arena.map(input), row, row > from, sums);
        threshold.row(sums.values(), 0, row, arena.map(output));
      }
    }
  }

  /**
   * Spikes to a stream and on to the spikes that it fires, a row of sums at a time.
   *
   * @param base the stream that is added to, or {@link #NONE}
   * @param output where the stream is kept for who adds to it, or {@link #NONE}
   * @param fires what reads the stream while its row is at hand
   */
  record Stream(
      String name,
      BinaryConvolution convolution,
      StreamUpdate update,
      int input,
      int base,
      int output,
      Shape shape,
      int sumsPerPixel,
      List<Fire> fires)
      implements Step {

    static final int NONE = -1;

    /** A threshold and the map it writes. */
    record Fire(Threshold threshold, int output) {}

    @Override
    public int rows(Arena arena) {
      return shape.rows();
    }

    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      int rowLength = shape.columns() * sumsPerPixel;
      for (int row = from; row < end; row++) {
        convolution.row(arena.map(input), row, row > from, sums);
        int[] to = output == NONE ? sums.values() : arena.stream(output);
        int at = output == NONE ? 0 : row * rowLength;
        if (base == NONE) {
          update.start(sums.values(), shape.columns(), to, at);
        } else {
          int[] added = arena.stream(base);
          update.add(sums.values(), shape.columns(), added, row * rowLength, to, at);
        }
        for (int fire = 0; fire < fires.size(); fire++) {
          BitMap spikes = arena.map(fires.get(fire).output());
          fires.get(fire).threshold().row(to, at, row, spikes);
        }
      }
    }
  }

  /** Where a membrane's integers come from, a row at a time. */
  sealed interface Source {

    /** The array that holds the row's sums, from {@link #at} on. */
    int[] row(Arena arena, int row, RowSums sums);

    /** Index of a row's first sum: 0 where a row is made when it is asked for. */
    default int at(int row) {
      return 0;
    }

    /** A convolution of the photo. */
    record OfPhoto(PixelConvolution convolution) implements Source {
      @Override
      public int[] row(Arena arena, int row, RowSums sums) {
        convolution.row(arena.photo(), row, sums);
        return sums.values();
      }
    }

    /** A convolution of spikes. */
    record OfSpikes(BinaryConvolution convolution, int input) implements Source {
      @Override
      public int[] row(Arena arena, int row, RowSums sums) {
        convolution.row(arena.map(input), row, false, sums);
        return sums.values();
      }
    }

    /**
     * The largest sums of windows. The rows of a window are made one after the other where they
     * always are, and the largest gathered behind them.
     *
     * @param sums what is pooled; makes its rows when they are asked for
     * @param size side of the window
     * @param stride step of the window
     * @param columns windows a row
     * @param from index of the first of the largest
     */
    record Pooled(Source sums, int size, int stride, int columns, int sumsPerPixel, int from)
        implements Source {

      /** Index behind a row and what its reader may see behind it. */
      static int behind(int columns, int sumsPerPixel) {
        return Math.addExact(Math.multiplyExact(columns, sumsPerPixel), RowSums.BEHIND);
      }

      @Override
      public int[] row(Arena arena, int row, RowSums room) {
        int[] values = room.values();
        Arrays.fill(values, from, from + columns * sumsPerPixel, Integer.MIN_VALUE);
        for (int y = 0; y < size; y++) {
          sums.row(arena, row * stride + y, room);
          for (int column = 0; column < columns; column++) {
            int to = from + column * sumsPerPixel;
            for (int x = 0; x < size; x++) {
              int at = (column * stride + x) * sumsPerPixel;
              for (int c = 0; c < sumsPerPixel; c++) {
                values[to + c] = Math.max(values[to + c], values[at + c]);
              }
            }
          }
        }
        return values;
      }

      @Override
      public int at(int row) {
        return from;
      }
    }

    /** A stream that is kept. */
    record OfStream(int stream, int rowLength) implements Source {
      @Override
      public int[] row(Arena arena, int row, RowSums sums) {
        return arena.stream(stream);
      }

      @Override
      public int at(int row) {
        return row * rowLength;
      }
    }
  }

  /**
   * A membrane moved on by a step, and the spikes that it fires.
   *
   * @param state where it is kept, over that of the step before
   */
  record Membrane(
      String name,
      Source source,
      MembraneUpdate update,
      int state,
      Shape shape,
      int sumsPerPixel,
      List<Stream.Fire> fires)
      implements Step {
    @Override
    public int rows(Arena arena) {
      return shape.rows();
    }

    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      int[] states = arena.stream(state);
      int columns = shape.columns();
      for (int row = from; row < end; row++) {
        int[] integers = source.row(arena, row, sums);
        int at = row * columns * sumsPerPixel;
        update.row(integers, source.at(row), columns, sumsPerPixel, states, at);
        for (int fire = 0; fire < fires.size(); fire++) {
          fires.get(fire).threshold().row(states, at, row, arena.map(fires.get(fire).output()));
        }
        if (update.resets().length > 0) {
          update.reset(states, at, columns, sumsPerPixel);
        }
      }
    }
  }

  /** Every pixel's words repeated. */
  record Upsample(String name, int input, int output, int factor) implements ToMap {
    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      BitMap in = arena.map(input);
      BitMap out = arena.map(output);
      for (int row = from; row < end; row++) {
        for (int column = 0; column < out.shape().columns(); column++) {
          out.copyPixel(in, row / factor, column / factor, row, column);
        }
      }
    }
  }

  /**
   * Pixels' bits one map after the other.
   *
   * @param factors how often each input's pixels are repeated along a side
   */
  record Concat(String name, int[] inputs, int[] factors, int output) implements ToMap {
    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      BitMap out = arena.map(output);
      for (int row = from; row < end; row++) {
        out.clearRow(row);
        int first = 0;
        for (int i = 0; i < inputs.length; i++) {
          BitMap in = arena.map(inputs[i]);
          out.appendRow(in, factors[i], row, first);
          first += in.shape().channels();
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
    public int rows(Arena arena) {
      return shape.rows();
    }

    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      int[] into = arena.headSums()[head];
      int to = photo * shape.values() + from * shape.columns() * shape.channels();
      for (int row = from; row < end; row++) {
        convolution.row(arena.map(input), row, row > from, sums);
        for (int column = 0; column < shape.columns(); column++) {
          System.arraycopy(sums.values(), column * sumsPerPixel, into, to, shape.channels());
          to += shape.channels();
        }
      }
    }
  }

  /** Or over windows of words. */
  record Pool(String name, int input, int output, int size, int stride) implements ToMap {
    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      BitMap in = arena.map(input);
      BitMap out = arena.map(output);
      for (int row = from; row < end; row++) {
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

  /**
   * The ones of maps into the spike counts, a layer a row.
   *
   * @param inputs number of the map of each layer
   */
  record Count(String name, int[] inputs) implements Step {
    @Override
    public int rows(Arena arena) {
      return inputs.length;
    }

    @Override
    public void run(Arena arena, int photo, int from, int end, RowSums sums) {
      for (int layer = from; layer < end; layer++) {
        arena.spikeCounts()[layer][photo] = arena.map(inputs[layer]).count();
      }
    }
  }
}
