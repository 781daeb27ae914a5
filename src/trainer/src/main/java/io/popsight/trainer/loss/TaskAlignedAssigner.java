package io.popsight.trainer.loss;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses the cells that answer for each object: of the cells whose centre lies in its box, the ten
 * with the highest {@code score^0.5 * IoU^4} (Feng et al., TOOD, ICCV 2021). A cell wanted by
 * several objects goes to the one that it overlaps most.
 */
final class TaskAlignedAssigner {

  private static final int TOP = 10;
  private static final double SCORE_POWER = 0.5;
  private static final double IOU_POWER = 4;

  private TaskAlignedAssigner() {}

  /**
   * The choice for one photo; cells aim at their alignment, scaled so that the best cell of an
   * object aims at its IoU.
   *
   * @param cells grid of all heads
   * @param boxes predicted boxes in input pixels, a cell
   * @param scores predicted scores [cell][class]
   */
  static Assignment assign(
      CellGrid cells, BoundingBox[] boxes, float[][] scores, List<GroundTruth> objects) {
    int n = cells.size();
    int[] owner = new int[n];
    float[] ownerIou = new float[n];
    double[][] alignment = new double[objects.size()][n];
    Arrays.fill(owner, -1);
    for (int o = 0; o < objects.size(); o++) {
      GroundTruth object = objects.get(o);
      double[] align = alignment[o];
      int inside = 0;
      for (int c = 0; c < n; c++) {
        if (cells.centreIn(c, object.box())) {
          inside++;
          align[c] =
              1e-9
                  + Math.pow(scores[c][object.classId()], SCORE_POWER)
                      * Math.pow(boxes[c].iou(object.box()), IOU_POWER);
        }
      }
      double cut = cut(align, Math.min(TOP, inside));
      int taken = 0;
      for (int c = 0; c < n && taken < TOP; c++) {
        if (align[c] > 0 && align[c] >= cut) {
          taken++;
          float iou = boxes[c].iou(object.box());
          if (owner[c] < 0 || iou > ownerIou[c]) {
            owner[c] = o;
            ownerIou[c] = iou;
          }
        }
      }
    }
    return new Assignment(owner, targets(owner, ownerIou, alignment));
  }

  private static double cut(double[] align, int rank) {
    if (rank == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double[] sorted = align.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length - rank];
  }

  private static float[] targets(int[] owner, float[] iou, double[][] alignment) {
    double[] bestAlignment = new double[alignment.length];
    double[] bestIou = new double[alignment.length];
    for (int c = 0; c < owner.length; c++) {
      if (owner[c] >= 0) {
        int o = owner[c];
        bestAlignment[o] = Math.max(bestAlignment[o], alignment[o][c]);
        bestIou[o] = Math.max(bestIou[o], iou[c]);
      }
    }
    float[] targets = new float[owner.length];
    for (int c = 0; c < owner.length; c++) {
      if (owner[c] >= 0) {
        int o = owner[c];
        targets[c] = (float) (alignment[o][c] / bestAlignment[o] * bestIou[o]);
      }
    }
    return targets;
  }
}
