package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.Annotator.CaptionedBox;
import java.util.List;

/**
 * An object that a person marked.
 *
 * @param classId index into the data set's labels
 * @param box edges in pixels
 * @param difficult marked as hard to see: neither asked for nor punished in evaluation
 * @param crowd a box around many, difficult too: not learned from, because no box is one of them
 */
public record GroundTruth(int classId, BoundingBox box, boolean difficult, boolean crowd) {

  /** A single object. */
  public GroundTruth(int classId, BoundingBox box, boolean difficult) {
    this(classId, box, difficult, false);
  }

  /** To be drawn under its name: a person gave no score. */
  public CaptionedBox captioned(List<String> labels) {
    return new CaptionedBox(classId, box, labels.get(classId));
  }
}
