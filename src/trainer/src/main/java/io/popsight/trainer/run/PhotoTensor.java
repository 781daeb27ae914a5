package io.popsight.trainer.run;

import io.popsight.trainer.augment.AugmentSettings;
import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.tensor.Tensors;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** The photos of a batch as a network reads them. */
final class PhotoTensor {

  private PhotoTensor() {}

  /** Unsigned bytes [N, H, W, 3]. */
  static Tensor of(BatchSource.Batch batch, TrainConfig config) {
    return Tensors.ofBytes(
        batch.pixels(), batch.objects().size(), config.inputHeight(), config.inputWidth(), 3);
  }

  /**
   * Hands over batches of whole training photos, as they are, once the run has learned.
   *
   * @param photos about as many, at least one batch and at most all
   */
  static void ofSome(
      BatchSource source, TrainConfig config, int photos, Consumer<Tensor> consumer) {
    int batches = Math.clamp(photos / config.batch(), 1, source.batchesPerEpoch());
    source.epoch(
        config.epochs(),
        AugmentSettings.NONE,
        0,
        batches,
        batch -> {
          try (PointerScope _ = new PointerScope()) {
            consumer.accept(of(batch, config));
          }
          return true;
        });
  }
}
