package io.popsight.engine.plan;

import io.popsight.engine.conv.RowSums;

/**
 * Room that the rows of a network need at most.
 *
 * @param values sums a row
 * @param planes planes of weights
 * @param columns pixels a row
 */
record RowSize(int values, int planes, int columns) {

  static final RowSize NONE = new RowSize(1, 1, 1);

  RowSize andAlso(int moreValues, int morePlanes, int moreColumns) {
    return new RowSize(
        Math.max(values, moreValues), Math.max(planes, morePlanes), Math.max(columns, moreColumns));
  }

  RowSums make() {
    return RowSums.of(values, planes, columns);
  }
}
