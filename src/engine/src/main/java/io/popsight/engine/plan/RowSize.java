package io.popsight.engine.plan;

import io.popsight.engine.conv.RowSums;

/**
 * Room that the rows of a network need at most.
 *
 * @param values sums a row
 * @param counts counts a row: as many as sums, for each plane of weights
 * @param columns pixels a row
 */
record RowSize(int values, int counts, int columns) {

  static final RowSize NONE = new RowSize(1, 0, 1);

  RowSize andAlso(int moreValues, int planes, int moreColumns) {
    int moreCounts = planes == 1 ? 0 : Math.multiplyExact(moreValues, planes);
    return new RowSize(
        Math.max(values, moreValues), Math.max(counts, moreCounts), Math.max(columns, moreColumns));
  }

  RowSums make() {
    return RowSums.of(values, counts, columns);
  }
}
