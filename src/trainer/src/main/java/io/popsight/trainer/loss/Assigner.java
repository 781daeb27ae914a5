package io.popsight.trainer.loss;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import java.util.List;

/** Chooses the cells that answer for each object. */
public enum Assigner {
  /** Those that find it best already: {@link TaskAlignedAssigner}. */
  @JsonProperty("aligned")
  ALIGNED {
    @Override
    Assignment assign(
        CellGrid cells, BoundingBox[] boxes, float[][] scores, List<GroundTruth> objects) {
      return TaskAlignedAssigner.assign(cells, boxes, scores, objects);
    }
  },
  /** Those around its centre, whatever they find: {@link CentreAssigner}. */
  @JsonProperty("centre")
  CENTRE {
    @Override
    Assignment assign(
        CellGrid cells, BoundingBox[] boxes, float[][] scores, List<GroundTruth> objects) {
      return CentreAssigner.assign(cells, objects);
    }
  };

  /**
   * The choice for one photo.
   *
   * @param cells grid of all heads
   * @param boxes predicted boxes in input pixels, a cell
   * @param scores predicted scores [cell][class]
   */
  abstract Assignment assign(
      CellGrid cells, BoundingBox[] boxes, float[][] scores, List<GroundTruth> objects);
}
