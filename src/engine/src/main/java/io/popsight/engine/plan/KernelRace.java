package io.popsight.engine.plan;

import com.sun.management.ThreadMXBean;
import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.BinaryConvolution;
import io.popsight.engine.conv.RowSums;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Optional;

/**
 * Times two kernels of a convolution, rows in turn; medians count. Rows that allocate do not count:
 * until C2 has compiled a kernel, its vectors live on the heap, and it takes hundreds of times
 * longer than afterwards.
 */
final class KernelRace {

  /** For all races of a model: no file may keep a service from loading it. */
  private static final long BUDGET_NANOS = 2_000_000_000;

  private static final int ROWS = 50;

  private final long end = System.nanoTime() + BUDGET_NANOS;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Whether there is no time for another race. */
  boolean isOver() {
    return System.nanoTime() - end > 0;
  }

  /**
   * Whether the first takes less time for a row of the input; empty if one of them was not compiled
   * in time.
   */
  Optional<Boolean> firstWins(
      BinaryConvolution first, BinaryConvolution second, BitMap input, RowSize size, int rows) {
    Runner one = new Runner(first, size);
    Runner other = new Runner(second, size);
    for (int turn = 0; one.rows < ROWS || other.rows < ROWS; turn++) {
      if (isOver()) {
        return Optional.empty();
      }
      one.run(input, turn % rows);
      other.run(input, turn % rows);
    }
    return Optional.of(one.median() < other.median());
  }

  private final class Runner {
    private final BinaryConvolution kernel;
    private final RowSums sums;
    private final long[] times = new long[ROWS];
    private int rows;

    Runner(BinaryConvolution kernel, RowSize size) {
      this.kernel = kernel;
      this.sums = size.andAlso(kernel).make();
    }

    void run(BitMap input, int row) {
      long allocated = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      kernel.row(input, row, row > 0, sums);
      long took = System.nanoTime() - start;
      if (threads.getCurrentThreadAllocatedBytes() == allocated) {
        times[rows % ROWS] = took;
        rows++;
      }
    }

    long median() {
      return Arrays.stream(times).sorted().skip(ROWS / 2).findFirst().orElseThrow();
    }
  }
}
