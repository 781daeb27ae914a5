package io.popsight.trainer.run;

import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;

/** The photos of a batch as a network reads them. */
final class PhotoTensor {

  private PhotoTensor() {}

  /** Unsigned bytes [N, H, W, 3]. */
  static Tensor of(BatchSource.Batch batch, TrainConfig config) {
    return Tensors.ofBytes(
        batch.pixels(), batch.objects().size(), config.inputHeight(), config.inputWidth(), 3);
  }
}
