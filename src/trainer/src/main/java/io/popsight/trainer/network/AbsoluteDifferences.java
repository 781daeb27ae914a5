package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What an adder network has for a convolution: minus the sum of the absolute differences between a
 * window and the weights (AdderNet, Chen et al., CVPR 2020). A weight learns from the differences
 * themselves, as there; a map's value from their signs, where the paper clips them to [-1, 1].
 */
final class AbsoluteDifferences {

  private AbsoluteDifferences() {}

  /**
   * Of a map with zeros around it.
   *
   * @param input [N, in, H, W]
   * @param weights [out, in, k, k]
   * @return [N, out, H / stride, W / stride], none above 0
   */
  static Tensor of(Tensor input, Tensor weights, int stride) {
    long kernel = weights.size(2);
    long rows = (input.size(2) - 1) / stride + 1;
    long columns = (input.size(3) - 1) / stride + 1;
    Tensor windows =
        torch
            .im2col(
                input,
                new long[] {kernel, kernel},
                new long[] {1, 1},
                new long[] {kernel / 2, kernel / 2},
                new long[] {stride, stride})
            .transpose(1, 2)
            .flatten(0, 1);
    Tensor filters = weights.flatten(1, 3);
    Tensor sums = Tensors.times(torch.cdist(windows, filters.detach(), 1, new LongOptional()), -1);
    // Half the squared distance has the plain difference for its gradient; the square of the
    // window does not depend on the weights.
    Tensor slope =
        torch
            .matmul(windows.detach(), filters.t())
            .sub(Tensors.times(filters.square().sum(1), 0.5));
    return Tensors.withSlope(sums, slope)
        .reshape(input.size(0), rows * columns, weights.size(0))
        .transpose(1, 2)
        .reshape(input.size(0), weights.size(0), rows, columns);
  }
}
