package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;

/**
 * An object that a person marked.
 *
 * @param classId index into the data set's labels
 * @param box edges in pixels
 * @param difficult marked as hard to see: neither asked for nor punished in evaluation
 */
public record GroundTruth(int classId, BoundingBox box, boolean difficult) {}
