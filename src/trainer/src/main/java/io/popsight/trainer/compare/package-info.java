/** Models beside the detectors that one would run instead, on the same photos. */
@NullMarked
package io.popsight.trainer.compare;

import org.jspecify.annotations.NullMarked;
