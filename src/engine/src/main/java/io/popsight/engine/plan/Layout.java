package io.popsight.engine.plan;

import java.util.List;

/**
 * The memory that a run needs.
 *
 * @param maps bit maps by number
 * @param streams ints of each stream, by number
 * @param photoBorder widest padding among the convolutions that read the photo
 * @param rows what a thread needs for itself
 */
record Layout(List<MapPlan> maps, List<Integer> streams, int photoBorder, RowSize rows) {

  Layout {
    maps = List.copyOf(maps);
    streams = List.copyOf(streams);
  }
}
