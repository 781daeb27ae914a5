package io.popsight.trainer.run;

import io.popsight.model.ModelFile;
import io.popsight.trainer.augment.AugmentSettings;
import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.network.FileWeights;
import io.popsight.trainer.network.Fresh;
import io.popsight.trainer.network.SpikingDetector;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What a run starts from, a checkpoint or a model file: what fits its network is taken over.
 *
 * @param config of the run, which names the file
 * @param labels of the run's classes, in order
 */
record StartingWeights(TrainConfig config, SpikingDetector network, List<String> labels) {

  /** Photos on which the layers of a model file are looked at. */
  private static final int PHOTOS = 32;

  /** Layers that are told of a file of which none fits. */
  private static final int SHOWN = 3;

  /**
   * Takes over what fits.
   *
   * @param photos to look at the layers of a model file on
   * @return what starts afresh
   * @throws IllegalArgumentException if no weights fit, saying how some differ
   */
  List<Fresh> takeOver(Supplier<BatchSource> photos) {
    List<Fresh> fresh =
        isModelFile()
            ? ofModelFile(photos)
            : new Checkpoint(Path.of(config.from()), labels).loadFitting(network.parameters());
    Set<String> names = fresh.stream().map(Fresh::name).collect(Collectors.toSet());
    List<String> weights = weights();
    if (names.containsAll(weights)) {
      throw new IllegalArgumentException(
          "from: nothing in %s fits this run's network, of network.kind=%s and network.widths=%s%s: %s. Give it the keys that the file was trained with, which are in the YAML beside it"
              .formatted(
                  config.from(),
                  config.network().kind(),
                  config.network().widths(),
                  config.preset().isEmpty() ? "" : " (preset=%s)".formatted(config.preset()),
                  fresh.stream()
                      .filter(part -> weights.contains(part.name()))
                      .limit(SHOWN)
                      .map(Fresh::text)
                      .collect(Collectors.joining("; "))));
    }
    return fresh;
  }

  private boolean isModelFile() {
    return config.from().endsWith(".onnx");
  }

  /** Names of what has weights, as the file has them. */
  private List<String> weights() {
    return network.parameters().trained().keySet().stream()
        .filter(name -> !SpikingDetector.ofOtherWidths(name).isEmpty())
        .map(name -> isModelFile() ? FrozenLayers.layer(name) : name)
        .toList();
  }

  private List<Fresh> ofModelFile(Supplier<BatchSource> photos) {
    FileWeights weights = new FileWeights(ModelFile.read(Path.of(config.from())));
    int batches = Math.ceilDiv(PHOTOS, config.batch());
    try (BatchSource source = photos.get();
        PointerScope _ = new PointerScope()) {
      TensorVector pixels = new TensorVector();
      source.epoch(
          0,
          AugmentSettings.NONE,
          0,
          Math.min(batches, source.batchesPerEpoch()),
          batch -> {
            pixels.push_back(PhotoTensor.of(batch, config));
            return true;
          });
      return weights.into(network, torch.cat(pixels, 0), labels);
    }
  }
}
