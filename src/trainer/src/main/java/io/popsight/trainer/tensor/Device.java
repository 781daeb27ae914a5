package io.popsight.trainer.tensor;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Where a network learns. Files are written and evaluated on the processor, whatever it is. */
public enum Device {
  /** The processor. */
  @JsonProperty("cpu")
  CPU,
  /** An NVIDIA graphics card; needs libtorch's build for CUDA. */
  @JsonProperty("cuda")
  CUDA;

  /**
   * The tensor itself where it is there already, or a copy.
   *
   * @throws IllegalArgumentException if there is no such device
   */
  Tensor hold(Tensor tensor) {
    return switch (this) {
      case CPU -> tensor.cpu();
      case CUDA -> {
        if (!torch.cuda_is_available()) {
          throw new IllegalArgumentException(
              "device: cuda needs an NVIDIA card with its driver, CUDA 13, cuDNN 9, and libtorch built"
                  + " for it: POPSIGHT_TORCH=linux-x86_64-gpu ./popsight train");
        }
        yield tensor.cuda();
      }
    };
  }
}
