package io.popsight.trainer.run;

import io.popsight.model.Training;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.export.DetectorExport;
import io.popsight.trainer.network.SpikingDetector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;

/**
 * Writes a run's network as a model file.
 *
 * @param train names the data and the classes
 * @param commit of the trainer
 * @param file where to
 */
record ModelExport(
    TrainConfig config, SpikingDetector network, DataSet train, String commit, Path file) {

  /** Writes the present state, of which no figures are known yet. */
  Path write() throws IOException {
    return write(Map.of(), 0, 0, config.minScore());
  }

  /**
   * Writes the present state, over what was there.
   *
   * @param rates share of ones a layer over training photos; empty where not known yet
   * @param map50 on validation photos, 0 where not known yet
   * @param map likewise
   * @param minScore from which a detection is shown
   * @return the file
   */
  Path write(Map<String, Double> rates, double map50, double map, float minScore)
      throws IOException {
    Training provenance =
        new Training(
            train.name(),
            config.data().validate(),
            config.seed(),
            config.epochs(),
            commit,
            map50,
            map);
    try (PointerScope _ = new PointerScope()) {
      DetectorExport.Facts facts =
          new DetectorExport.Facts(
              config.name(),
              config.version(),
              train.labels(),
              config.inputHeight(),
              config.inputWidth(),
              minScore,
              config.iou(),
              provenance,
              rates);
      Files.write(file, DetectorExport.write(network, facts));
    }
    return file;
  }
}
