/**
 * Photos: decoded within bounds, placed into a network's input, drawn on and encoded. OpenCV does
 * the pixel work and stays inside this package; whoever uses it sees bytes, sizes and one refusal.
 * Start at {@link io.popsight.imaging.PhotoDecoder}.
 */
@NullMarked
package io.popsight.imaging;

import org.jspecify.annotations.NullMarked;
