package io.popsight.trainer.data;

import java.nio.file.Path;
import java.util.List;

/**
 * A photo and what is on it.
 *
 * @param photo the file
 * @param objects boxes in pixels of the photo
 */
public record LabeledPhoto(Path photo, List<GroundTruth> objects) {

  /** Copies the list. */
  public LabeledPhoto {
    objects = List.copyOf(objects);
  }
}
