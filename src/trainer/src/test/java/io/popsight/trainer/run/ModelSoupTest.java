package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSoupTest {

  private static final String NAME = "stem.weight";
  private static final List<String> LABELS = List.of("red", "green");

  @Test
  void mean_isOfTheAveragesThatEachRunKept(@TempDir Path folder) throws IOException {
    Parameters parameters = new Parameters();
    parameters.train(NAME, value(1));
    Path first = saved(folder.resolve("first.pt"), parameters, 3, 0.9);
    Path second = saved(folder.resolve("second.pt"), parameters, 4, 0);

    ModelSoup soup =
        new ModelSoup(List.of(first.toString(), second.toString()), LABELS, parameters);

    assertThat(soup.runs()).isEqualTo(3);
    Tensor mean = Objects.requireNonNull(soup.with(Map.of(NAME, value(10))).get(NAME));
    assertThat(Tensors.toArray(mean)).containsExactly((1f + 4 + 10) / 3, (1f + 4 + 10) / 3);
  }

  @Test
  void noOthers_makeNone() {
    assertThat(new ModelSoup(List.of(), LABELS, new Parameters()).isMade()).isFalse();
  }

  /** The averages hold what was there before. */
  private static Path saved(Path file, Parameters parameters, float changed, double decay)
      throws IOException {
    WeightAverage average = new WeightAverage(parameters, decay);
    parameters.set(Map.of(NAME, value(changed)));
    Adam optimizer = new Adam(parameters.trained(_ -> true), new AdamOptions(0.1));
    new Checkpoint(file, LABELS)
        .save(parameters, average, optimizer, new Checkpoint.Position(1, 0, new EpochMeans()));
    return file;
  }

  private static Tensor value(float value) {
    return torch.full(new long[] {2}, new Scalar(value));
  }
}
