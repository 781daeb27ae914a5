package io.popsight.trainer.loss;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How well two boxes agree, from below 0 to 1, in a form that tells boxes apart that do not touch.
 * Both are seen from a cell's centre that lies inside of them.
 */
public enum BoxOverlap {
  /** IoU less the share of the hull that neither fills (Rezatofighi et al., CVPR 2019). */
  @JsonProperty("giou")
  GENERALISED {
    @Override
    Tensor of(Tensor boxes, Tensor others) {
      Tensor intersection = intersection(boxes, others);
      Tensor union = union(boxes, others, intersection);
      Tensor hull = area(torch.maximum(boxes, others));
      return intersection
          .div(Tensors.plus(union, EPSILON))
          .sub(hull.sub(union).div(hull.clamp_min(new Scalar(EPSILON))));
    }
  },
  /**
   * IoU less the distance of the centres in diagonals of the hull, squared, and the difference of
   * the aspect ratios (Zheng et al., AAAI 2020).
   */
  @JsonProperty("ciou")
  COMPLETE {
    @Override
    Tensor of(Tensor boxes, Tensor others) {
      Tensor intersection = intersection(boxes, others);
      Tensor iou = intersection.div(Tensors.plus(union(boxes, others, intersection), EPSILON));
      Tensor outer = torch.maximum(boxes, others);
      Tensor diagonal = width(outer).square().add(height(outer).square());
      Tensor x = shift(boxes, LEFT, RIGHT).sub(shift(others, LEFT, RIGHT));
      Tensor y = shift(boxes, TOP, BOTTOM).sub(shift(others, TOP, BOTTOM));
      Tensor apart = x.square().add(y.square()).div(Tensors.plus(diagonal, EPSILON));
      Tensor aspect =
          Tensors.times(angle(others).sub(angle(boxes)).square(), 4 / (Math.PI * Math.PI));
      Tensor weight = aspect.div(Tensors.plus(aspect.sub(iou), 1 + EPSILON)).detach();
      return iou.sub(apart).sub(weight.mul(aspect));
    }
  };

  private static final double EPSILON = 1e-7;
  private static final int LEFT = 0;
  private static final int TOP = 1;
  private static final int RIGHT = 2;
  private static final int BOTTOM = 3;

  /**
   * The agreement of each pair.
   *
   * @param boxes [K, 4], distances from the cell's centre to the left, top, right and bottom, above
   *     0
   * @param others of the same shape
   * @return [K]
   */
  abstract Tensor of(Tensor boxes, Tensor others);

  private static Tensor intersection(Tensor boxes, Tensor others) {
    return area(torch.minimum(boxes, others));
  }

  private static Tensor union(Tensor boxes, Tensor others, Tensor intersection) {
    return area(boxes).add(area(others)).sub(intersection);
  }

  private static Tensor area(Tensor boxes) {
    return width(boxes).mul(height(boxes));
  }

  private static Tensor width(Tensor boxes) {
    return boxes.select(1, LEFT).add(boxes.select(1, RIGHT));
  }

  private static Tensor height(Tensor boxes) {
    return boxes.select(1, TOP).add(boxes.select(1, BOTTOM));
  }

  /** From the cell's centre to the box's, along one axis. */
  private static Tensor shift(Tensor boxes, int before, int after) {
    return Tensors.times(boxes.select(1, after).sub(boxes.select(1, before)), 0.5);
  }

  private static Tensor angle(Tensor boxes) {
    return width(boxes).div(Tensors.plus(height(boxes), EPSILON)).atan();
  }
}
