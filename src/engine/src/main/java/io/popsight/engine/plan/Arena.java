package io.popsight.engine.plan;

import io.popsight.backend.Helpers;
import io.popsight.backend.Scratch;
import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.PixelMap;
import io.popsight.engine.conv.RowSums;
import io.popsight.model.ModelMetadata;

/**
 * The memory of one worker: a photo, a bit map a binary node, the streams, a row of sums for each
 * thread that may take part.
 */
final class Arena extends Scratch {

  private final PixelMap photo;
  private final BitMap[] maps;
  private final int[][] streams;
  private final SharedRun run;

  Arena(
      ModelMetadata metadata,
      int maxBatch,
      Layout layout,
      Step[] steps,
      int threads,
      Helpers helpers) {
    super(metadata, maxBatch);
    this.photo = new PixelMap(metadata.inputHeight(), metadata.inputWidth(), layout.photoBorder());
    this.maps =
        layout.maps().stream().map(m -> new BitMap(m.shape(), m.border())).toArray(BitMap[]::new);
    this.streams = layout.streams().stream().map(int[]::new).toArray(int[][]::new);
    RowSums[] sums = new RowSums[threads];
    for (int i = 0; i < threads; i++) {
      sums[i] = layout.rows().make();
    }
    this.run = new SharedRun(steps, this, helpers, sums);
  }

  PixelMap photo() {
    return photo;
  }

  BitMap map(int number) {
    return maps[number];
  }

  int[] stream(int number) {
    return streams[number];
  }

  SharedRun run() {
    return run;
  }
}
