package io.popsight.trainer.run;

import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.LabeledPhoto;
import io.popsight.trainer.evaluate.ExportedEvaluation;
import io.popsight.trainer.network.SpikingDetector;
import io.popsight.trainer.network.Statistics;
import io.popsight.trainer.tensor.Parameters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Which state of the weights is worth exporting. The candidates are compared on training photos, as
 * exported files, so that the validation photos stay unseen.
 */
final class ModelSelection {

  /** Photos that statistics are estimated from and candidates are compared on. */
  private static final int PHOTOS = 400;

  private static final String AS_TRAINED = "as trained";
  private static final String ESTIMATED = "statistics re-estimated";
  private static final String AVERAGED = "weights averaged, statistics re-estimated";

  private final TrainConfig config;
  private final SpikingDetector network;
  private final WeightAverage average;
  private final ModelSoup soup;
  private final DataSet photos;
  private final ModelExport export;

  ModelSelection(
      TrainConfig config,
      SpikingDetector network,
      WeightAverage average,
      ModelSoup soup,
      DataSet train,
      ModelExport export) {
    this.config = config;
    this.network = network;
    this.average = average;
    this.soup = soup;
    this.photos = some(train);
    this.export = export;
  }

  /**
   * The state that the network is left in.
   *
   * @param state its name
   * @param trainingRates share of ones a layer over training photos
   * @param map50 on training photos, of each candidate by name
   */
  record Choice(String state, Map<String, Double> trainingRates, Map<String, Double> map50) {}

  /** Leaves the best candidate's values in the network, or the soup where one is to be made. */
  Choice choose(BatchSource source) throws IOException {
    return soup.isMade() ? soup(source) : best(source);
  }

  /** No candidate beside others: what it gains are photos that it never saw. */
  private Choice soup(BatchSource source) throws IOException {
    Parameters parameters = network.parameters();
    parameters.set(soup.with(average.kept() ? average.tensors() : parameters.trained()));
    estimateStatistics(source);
    ExportedEvaluation measured = measure();
    String state = "mean of %d runs' weights, statistics re-estimated".formatted(soup.runs());
    return new Choice(state, measured.spikeRates(), Map.of(state, measured.result().map50()));
  }

  private Choice best(BatchSource source) throws IOException {
    Parameters parameters = network.parameters();
    SequencedMap<String, Tensor> trained = parameters.copy();
    SequencedMap<String, Double> map50 = new java.util.LinkedHashMap<>();
    ExportedEvaluation best = measure();
    map50.put(AS_TRAINED, best.result().map50());
    Choice choice = new Choice(AS_TRAINED, best.spikeRates(), map50);
    SequencedMap<String, Tensor> values = trained;
    List<String> others = average.kept() ? List.of(ESTIMATED, AVERAGED) : List.of(ESTIMATED);
    for (String state : others) {
      if (state.equals(AVERAGED)) {
        parameters.set(average.tensors());
      }
      estimateStatistics(source);
      ExportedEvaluation measured = measure();
      map50.put(state, measured.result().map50());
      if (measured.result().map50() > best.result().map50()) {
        best = measured;
        choice = new Choice(state, measured.spikeRates(), map50);
        values = parameters.copy();
      }
    }
    parameters.set(values);
    return choice;
  }

  private ExportedEvaluation measure() throws IOException {
    return ExportedEvaluation.of(photos, export.write(), config.backend());
  }

  private void estimateStatistics(BatchSource source) {
    int[] number = {0};
    FrozenLayers frozen = FrozenLayers.of(config.freeze());
    PhotoTensor.ofSome(
        source,
        config,
        PHOTOS,
        pixels -> {
          try (NoGradGuard _ = new NoGradGuard()) {
            network.forward(pixels, Statistics.estimate(number[0]++).keeping(frozen::isFrozen));
          }
        });
  }

  private static DataSet some(DataSet set) {
    int step = Math.max(1, set.photos().size() / PHOTOS);
    List<LabeledPhoto> some = new ArrayList<>();
    for (int i = 0; i < set.photos().size(); i += step) {
      some.add(set.photos().get(i));
    }
    return new DataSet(set.name(), set.labels(), some);
  }
}
