package io.popsight.backend;

import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;

/**
 * A worker's memory for one model: pixels go in, head sums and spike counts come out. Backends
 * extend it with whatever else a run needs: popcount then allocates nothing, ONNX Runtime its own
 * outputs. Not thread-safe.
 */
public class Scratch {

  private final int maxBatch;
  private final byte[] pixels;
  private final int[][] headSums;
  private final long[][] spikeCounts;

  /** Memory for runs of up to {@code maxBatch} photos. */
  public Scratch(ModelMetadata metadata, int maxBatch) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("a batch holds at least one photo, got " + maxBatch);
    }
    this.maxBatch = maxBatch;
    this.pixels =
        new byte[Math.multiplyExact(maxBatch, metadata.inputHeight() * metadata.inputWidth() * 3)];
    this.headSums = new int[metadata.heads().size()][];
    for (int h = 0; h < headSums.length; h++) {
      HeadMap head = metadata.heads().get(h);
      headSums[h] =
          new int[Math.multiplyExact(maxBatch, head.rows() * head.columns() * head.channels())];
    }
    this.spikeCounts = new long[metadata.spikeLayers().size()][maxBatch];
  }

  /** Most photos a run. */
  public final int maxBatch() {
    return maxBatch;
  }

  /** Input, RGB, unsigned bytes, layout [N][rows][columns][3]; written by the caller. */
  public final byte[] pixels() {
    return pixels;
  }

  /** Integer sums of each head in the metadata's order, layout [N][rows][columns][channels]. */
  public final int[][] headSums() {
    return headSums;
  }

  /** Ones of each spike layer in the metadata's order, a photo: [layer][N]. */
  public final long[][] spikeCounts() {
    return spikeCounts;
  }

  /**
   * Checks that a batch fits.
   *
   * @throws IllegalArgumentException if the batch does not fit
   */
  public final void checkBatch(int batch) {
    if (batch < 1 || batch > maxBatch) {
      throw new IllegalArgumentException(
          "batch must be in 1..%d, got %d".formatted(maxBatch, batch));
    }
  }
}
