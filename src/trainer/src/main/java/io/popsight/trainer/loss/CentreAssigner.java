package io.popsight.trainer.loss;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.Arrays;
import java.util.List;

/**
 * Fixed assignment (Tian et al., FCOS, ICCV 2019): the cells within one and a half strides of an
 * object's centre and inside its box, at the one stride whose range its longer side falls into. A
 * cell wanted by several objects goes to the smallest; a flat object between two rows of centres
 * gets none.
 */
final class CentreAssigner {

  private static final float RADIUS = 1.5f;

  /** Longer sides go up to this many strides, but for the coarsest stride. */
  private static final float RANGE = 8;

  private CentreAssigner() {}

  /** The choice for one photo; every cell of it aims at 1. */
  static Assignment assign(CellGrid cells, List<GroundTruth> objects) {
    int n = cells.size();
    int[] owner = new int[n];
    float[] target = new float[n];
    float[] area = new float[n];
    Arrays.fill(owner, -1);
    float coarsest = cells.stride(n - 1);
    for (int o = 0; o < objects.size(); o++) {
      BoundingBox box = objects.get(o).box();
      float stride = stride(cells.stride(0), coarsest, box);
      for (int c = 0; c < n; c++) {
        if (cells.stride(c) == stride
            && near(cells, c, box)
            && (owner[c] < 0 || box.area() < area[c])) {
          owner[c] = o;
          area[c] = box.area();
          target[c] = 1;
        }
      }
    }
    return new Assignment(owner, target);
  }

  private static float stride(float finest, float coarsest, BoundingBox box) {
    float side = Math.max(box.xMax() - box.xMin(), box.yMax() - box.yMin());
    float stride = finest;
    while (stride < coarsest && side > RANGE * stride) {
      stride *= 2;
    }
    return stride;
  }

  private static boolean near(CellGrid cells, int cell, BoundingBox box) {
    float reach = RADIUS * cells.stride(cell);
    return cells.centreIn(cell, box)
        && Math.abs(cells.x(cell) - (box.xMin() + box.xMax()) / 2) < reach
        && Math.abs(cells.y(cell) - (box.yMin() + box.yMax()) / 2) < reach;
  }
}
