package io.popsight.trainer.loss;

import io.popsight.trainer.augment.BatchSource;
import org.bytedeco.pytorch.Tensor;

/** How far what a network says is from what people marked. */
public sealed interface Loss extends AutoCloseable
    permits DetectionLoss, DistilledLoss, ClassificationLoss {

  /**
   * The loss of a batch, scalars.
   *
   * @param total what is minimised, without the Hoyer regularizer
   * @param scores cross-entropy part
   * @param boxes part of the boxes' overlap, weighted; 0 where there are no boxes
   */
  record Parts(Tensor total, Tensor scores, Tensor boxes) {}

  /**
   * Measures a batch.
   *
   * @param cells network output [N, cells, 4 + classes], of a classifier [N, cells, classes]
   * @param batch the photos and their objects, in input pixels
   */
  Parts of(Tensor cells, BatchSource.Batch batch);

  /** Frees a teacher, if there is one. */
  @Override
  default void close() {}
}
