/**
 * Photos good and bad: what is decoded is upright 8-bit RGB, what is not is refused with the
 * reason.
 */
@NullMarked
package io.popsight.imaging;

import org.jspecify.annotations.NullMarked;
