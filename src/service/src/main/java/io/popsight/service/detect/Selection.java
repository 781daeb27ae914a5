package io.popsight.service.detect;

import io.popsight.detection.Detection;

/** Which of the boxes found on a photo are wanted; the others are not counted either. */
@FunctionalInterface
public interface Selection {

  /** Whether a box is; the label is the model's own. */
  boolean keeps(String label, Detection found, int photoWidth, int photoHeight);
}
