package io.popsight.trainer.loss;

import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Cross-entropy of the classes, whose logits are means over the cells. */
public final class ClassificationLoss implements Loss {

  /**
   * {@inheritDoc}
   *
   * @param batch one object of each photo, the photo itself
   */
  @Override
  public Parts of(Tensor cells, BatchSource.Batch batch) {
    long[] classes =
        batch.objects().stream().mapToLong(photo -> photo.getFirst().classId()).toArray();
    Tensor logits = cells.mean(new long[] {1}, false, new ScalarTypeOptional());
    Tensor loss =
        torch.cross_entropy_loss(logits, Tensors.beside(logits, Tensors.indices(classes)));
    return new Parts(loss, loss, Tensors.times(loss.detach(), 0));
  }
}
