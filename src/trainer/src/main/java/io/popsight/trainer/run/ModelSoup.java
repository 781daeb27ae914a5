package io.popsight.trainer.run;

import io.popsight.trainer.tensor.Parameters;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights of runs that went on from one another, to be averaged with those of one more: a model
 * soup (Wortsman et al., ICML 2022). What each learned by heart differs and is averaged away; what
 * they have in common stays.
 */
final class ModelSoup {

  private final int others;
  private final SequencedMap<String, Tensor> sums = new LinkedHashMap<>();

  /**
   * Reads them.
   *
   * @param checkpoints files of the other runs; none makes no soup
   * @param labels of the run's classes, in order
   * @param parameters of the run's network
   * @throws IllegalArgumentException if one is of another network or of other classes
   */
  ModelSoup(List<String> checkpoints, List<String> labels, Parameters parameters) {
    this.others = checkpoints.size();
    if (isMade()) {
      try (PointerScope _ = new PointerScope();
          NoGradGuard _ = new NoGradGuard()) {
        parameters
            .trained()
            .forEach((name, tensor) -> sums.put(name, Parameters.keptCopy(tensor).zero_()));
        for (String checkpoint : checkpoints) {
          new Checkpoint(Path.of(checkpoint), labels).addWeights(sums);
        }
      }
    }
  }

  boolean isMade() {
    return others > 0;
  }

  /** How many runs are in it, with the one that is added. */
  int runs() {
    return others + 1;
  }

  /**
   * The means.
   *
   * @param weights of the run that is added, by name
   */
  SequencedMap<String, Tensor> with(Map<String, Tensor> weights) {
    SequencedMap<String, Tensor> means = new LinkedHashMap<>();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      sums.forEach(
          (name, sum) ->
              means.put(
                  name, Parameters.keptCopy(sum).add_(weights.get(name)).div_(new Scalar(runs()))));
    }
    return means;
  }
}
