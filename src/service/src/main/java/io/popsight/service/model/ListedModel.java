package io.popsight.service.model;

import io.popsight.model.ModelMetadata;
import java.util.List;

/**
 * What is known of a model that can be asked for, all of it of one moment.
 *
 * @param versions the newest last; never empty
 * @param settings what the operator wants of it, the same for all of its versions
 * @param backend what runs it when no other is asked for
 * @param isDefault whether it answers when none is asked for
 */
public record ListedModel(
    String name,
    List<ModelMetadata> versions,
    ModelSettings settings,
    String backend,
    boolean isDefault) {

  /** The version that answers when none is asked for. */
  public ModelMetadata newest() {
    return versions.getLast();
  }
}
