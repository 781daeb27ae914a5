/** Tests of the way from a photo to its answer. */
@NullMarked
package io.popsight.service.detect;

import org.jspecify.annotations.NullMarked;
