/**
 * Boxes and the letterbox: how a photo of any size sits in a network's input, and how a box finds
 * its way back to the photo. Pure arithmetic; the pixels are moved by the imaging module. Start at
 * {@link io.popsight.geometry.Letterbox}.
 */
@NullMarked
package io.popsight.geometry;

import org.jspecify.annotations.NullMarked;
