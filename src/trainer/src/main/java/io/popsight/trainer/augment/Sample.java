package io.popsight.trainer.augment;

import io.popsight.trainer.data.GroundTruth;
import java.util.List;

/**
 * Pixels as the network reads them, with their objects.
 *
 * @param rgb unsigned bytes, layout [rows][columns][3]
 * @param objects boxes in pixels of the sample
 */
public record Sample(byte[] rgb, List<GroundTruth> objects) {}
