/**
 * What the detector says: boxes, labels and scores. Head sums are decoded to boxes here, and
 * overlapping boxes suppressed, once for every backend, so that answers are equal to the bit. Start
 * at {@link io.popsight.detection.Detector}.
 */
@NullMarked
package io.popsight.detection;

import org.jspecify.annotations.NullMarked;
