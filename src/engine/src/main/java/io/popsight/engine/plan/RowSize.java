package io.popsight.engine.plan;

import io.popsight.engine.conv.BinaryConvolution;
import io.popsight.engine.conv.RowSums;

/**
 * Room that the rows of a network need at most.
 *
 * @param values sums a row
 * @param counts what kernels count or list a row
 * @param weights bytes of a layer's weights
 * @param columns pixels a row
 */
record RowSize(int values, int counts, int weights, int columns) {

  static final RowSize NONE = new RowSize(1, 0, 0, 1);

  RowSize andAlso(int moreValues, int moreColumns) {
    return new RowSize(
        Math.max(values, moreValues), counts, weights, Math.max(columns, moreColumns));
  }

  RowSize andAlso(BinaryConvolution kernel) {
    return new RowSize(
        values, Math.max(counts, kernel.room()), Math.max(weights, kernel.weightRoom()), columns);
  }

  RowSums make() {
    return RowSums.of(values, counts, weights, columns);
  }
}
