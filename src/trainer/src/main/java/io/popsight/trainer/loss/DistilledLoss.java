package io.popsight.trainer.loss;

import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A detector's loss, and how far what it says is from what a {@link Teacher} says: cross-entropy on
 * all scores, each weighted by their difference (as in quality focal loss, Li et al., NeurIPS
 * 2020), and the overlap of the boxes where the teacher sees something, weighted by its score.
 */
public final class DistilledLoss implements Loss {

  /** Score from which the teacher's box counts. */
  private static final double SEEN = 0.1;

  private final DetectionLoss loss;
  private final Teacher teacher;
  private final double weight;

  /**
   * Adds a teacher to a loss.
   *
   * @param weight factor of the teacher's part
   */
  public DistilledLoss(DetectionLoss loss, Teacher teacher, double weight) {
    this.loss = loss;
    this.teacher = teacher;
    this.weight = weight;
  }

  @Override
  public Parts of(Tensor cells, BatchSource.Batch batch) {
    Parts parts = loss.of(cells, batch);
    Tensor taught = Tensors.beside(cells, teacher.cells(batch.pixels(), batch.objects().size()));
    return new Parts(
        parts.total().add(Tensors.times(distance(cells, taught), weight)),
        parts.scores(),
        parts.boxes());
  }

  @Override
  public void close() {
    teacher.close();
  }

  private Tensor distance(Tensor cells, Tensor taught) {
    long classes = cells.size(2) - 4;
    Tensor logits = cells.narrow(2, 4, classes);
    Tensor wanted = taught.narrow(2, 4, classes).sigmoid();
    Tensor apart = wanted.sub(logits.detach().sigmoid()).abs();
    Tensor seen = wanted.amax(new long[] {2}, false);
    seen = seen.mul(Tensors.floats(seen.ge(new Scalar(SEEN))));
    Tensor norm = seen.sum().clamp_min(new Scalar(1));
    Tensor scores =
        torch.binary_cross_entropy_with_logits(
            logits, wanted, new TensorOptional(apart), new TensorOptional(), 2);
    Tensor boxes =
        loss.disagreement(logs(cells), DetectionLoss.distances(logs(taught)), seen.flatten());
    return scores.add(boxes).div(norm);
  }

  private static Tensor logs(Tensor cells) {
    return cells.narrow(2, 0, 4).reshape(-1, 4);
  }
}
