package io.popsight.service.model;

import java.util.Optional;

/** Whether two backends make the same of a model. */
@FunctionalInterface
interface BackendComparison {

  /** Where they differ, with the layer's name; empty if they are equal. */
  Optional<String> difference(ServedModel one, ServedModel other);
}
