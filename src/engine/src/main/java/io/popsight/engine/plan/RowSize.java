package io.popsight.engine.plan;

import io.popsight.engine.conv.RowSums;

/**
 * Room that the rows of a network need at most.
 *
 * @param values sums a row
 * @param counts what kernels count or list a row
 * @param columns pixels a row
 */
record RowSize(int values, int counts, int columns) {

  static final RowSize NONE = new RowSize(1, 0, 1);

  RowSize andAlso(int moreValues, int moreCounts, int moreColumns) {
    return new RowSize(
        Math.max(values, moreValues), Math.max(counts, moreCounts), Math.max(columns, moreColumns));
  }

  RowSums make() {
    return RowSums.of(values, counts, columns);
  }
}
