package io.popsight.service;

import java.nio.file.Path;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A service of {@link TestModels}, which are read at once: a folder for each of its contexts. */
public interface SmallModels {

  /** In the place of those that Popsight comes with. */
  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) {
    Path folder = TestModels.folder();
    properties.add("popsight.models", folder::toString);
  }
}
