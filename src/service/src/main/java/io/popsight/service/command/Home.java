package io.popsight.service.command;

import io.popsight.service.model.ModelFolder;
import java.nio.file.Path;

/** Where the launcher lies; it says so in a system property. */
final class Home {

  private Home() {}

  static Path models() {
    return Path.of(System.getProperty("popsight.home", "."), "models");
  }

  static ModelFolder modelFolder() {
    return new ModelFolder(models());
  }
}
