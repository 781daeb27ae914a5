package io.popsight.trainer.loss;

import io.popsight.trainer.data.GroundTruth;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** How far what a network says is from what people marked. */
public sealed interface Loss permits DetectionLoss, ClassificationLoss {

  /**
   * The loss of a batch, scalars.
   *
   * @param total what is minimised, without the Hoyer regularizer
   * @param scores cross-entropy part
   * @param boxes generalised IoU part, weighted; 0 where there are no boxes
   */
  record Parts(Tensor total, Tensor scores, Tensor boxes) {}

  /**
   * Measures a batch.
   *
   * @param cells network output [N, cells, 4 + classes], of a classifier [N, cells, classes]
   * @param objects of each photo, in input pixels
   */
  Parts of(Tensor cells, List<List<GroundTruth>> objects);
}
