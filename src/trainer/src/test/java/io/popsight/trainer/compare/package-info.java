/** Tests of {@code io.popsight.trainer.compare} on known values. */
@NullMarked
package io.popsight.trainer.compare;

import org.jspecify.annotations.NullMarked;
