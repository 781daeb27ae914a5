package io.popsight.service.command;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.model.ModelFile;
import io.popsight.service.PopsightProperties;
import io.popsight.service.model.ModelFacts;
import io.popsight.service.model.ModelFolder;
import io.popsight.service.model.ModelSettings;
import io.popsight.service.model.ServedModel;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The model that a command works with. */
final class ModelChoice {

  @Option(
      names = "--model",
      defaultValue = PopsightProperties.DEFAULT_MODEL,
      description = "file, or name in the folder of models")
  private String model = PopsightProperties.DEFAULT_MODEL;

  @Option(
      names = "--models",
      description = "folder of models (default: models beside the launcher)")
  private Path models = Home.models();

  ModelFile file() {
    return ModelFile.read(new ModelFolder(models).find(model));
  }

  /** Compiled, as a service would have it without any settings; the caller's to close. */
  static ServedModel open(ModelFile file, String backend) {
    return new ServedModel(
        backend,
        Backends.installed().open(backend, BackendSettings.DEFAULT).compile(file),
        ModelSettings.none(file.metadata().name()),
        ModelFacts.of(file, 0));
  }
}
