package io.popsight.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.trainer.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against loops over windows. */
final class AbsoluteDifferencesTest {

  private static final int PHOTOS = 2;
  private static final int IN = 3;
  private static final int OUT = 4;
  private static final int SIDE = 5;

  @BeforeEach
  void seed() {
    torch.manual_seed(4);
  }

  @ParameterizedTest
  @CsvSource({"3,1", "3,2", "1,1"})
  void sumsAndGradients_areThoseOfTheLoops(int kernel, int stride) {
    Tensor map = torch.randn(PHOTOS, IN, SIDE, SIDE).requires_grad_(true);
    Tensor weights = torch.randn(OUT, IN, kernel, kernel).requires_grad_(true);
    int made = (SIDE - 1) / stride + 1;
    Tensor asked = torch.randn(PHOTOS, OUT, made, made);

    Tensor sums = AbsoluteDifferences.of(map, weights, stride);
    sums.mul(asked).sum().backward();

    float[] x = Tensors.toArray(map);
    float[] w = Tensors.toArray(weights);
    float[] g = Tensors.toArray(asked);
    float[] expected = new float[g.length];
    float[] mapGradient = new float[x.length];
    float[] weightGradient = new float[w.length];
    for (int o = 0; o < g.length; o++) {
      int column = o % made;
      int row = o / made % made;
      int channel = o / (made * made) % OUT;
      int photo = o / (made * made * OUT);
      for (int k = 0; k < IN * kernel * kernel; k++) {
        int x0 = column * stride + k % kernel - kernel / 2;
        int y0 = row * stride + k / kernel % kernel - kernel / 2;
        boolean within = x0 >= 0 && y0 >= 0 && x0 < SIDE && y0 < SIDE;
        int at = ((photo * IN + k / (kernel * kernel)) * SIDE + y0) * SIDE + x0;
        int weight = channel * IN * kernel * kernel + k;
        float difference = (within ? x[at] : 0) - w[weight];
        expected[o] -= Math.abs(difference);
        weightGradient[weight] += g[o] * difference;
        if (within) {
          mapGradient[at] -= g[o] * Math.signum(difference);
        }
      }
    }
    assertThat(sums.shape()).containsExactly(PHOTOS, OUT, made, made);
    assertThat(Tensors.toArray(sums)).containsExactly(expected, within(1e-4f));
    assertThat(Tensors.toArray(weights.grad())).containsExactly(weightGradient, within(1e-3f));
    assertThat(Tensors.toArray(map.grad())).containsExactly(mapGradient, within(1e-4f));
  }
}
