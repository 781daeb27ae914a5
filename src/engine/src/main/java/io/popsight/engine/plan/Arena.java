package io.popsight.engine.plan;

import io.popsight.backend.Scratch;
import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.PixelMap;
import io.popsight.engine.conv.RowSums;
import io.popsight.model.ModelMetadata;
import java.util.List;

/** The memory of one worker: a photo, a bit map a binary node, the streams, a row of sums. */
final class Arena extends Scratch {

  private final PixelMap photo;
  private final BitMap[] maps;
  private final int[][] streams;
  private final RowSums sums;

  Arena(
      ModelMetadata metadata,
      int maxBatch,
      int photoBorder,
      List<MapPlan> maps,
      List<Integer> streams,
      RowSums sums) {
    super(metadata, maxBatch);
    this.photo = new PixelMap(metadata.inputHeight(), metadata.inputWidth(), photoBorder);
    this.maps = maps.stream().map(m -> new BitMap(m.shape(), m.border())).toArray(BitMap[]::new);
    this.streams = streams.stream().map(int[]::new).toArray(int[][]::new);
    this.sums = sums;
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

  RowSums sums() {
    return sums;
  }
}
