/**
 * From the bytes of a photo to the answer that every door gives. Start at {@link
 * io.popsight.service.detect.PhotoDetection}.
 */
@NullMarked
package io.popsight.service.detect;

import org.jspecify.annotations.NullMarked;
