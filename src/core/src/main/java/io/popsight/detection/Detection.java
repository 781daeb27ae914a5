package io.popsight.detection;

import io.popsight.geometry.BoundingBox;

/**
 * One object found.
 *
 * @param classId index into the model's labels
 * @param score confidence in [0, 1]
 * @param box where, in pixels of the photo
 */
public record Detection(int classId, float score, BoundingBox box) {}
