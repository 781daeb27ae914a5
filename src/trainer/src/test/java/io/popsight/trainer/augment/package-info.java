/** Tests of {@code io.popsight.trainer.augment} on known values. */
@NullMarked
package io.popsight.trainer.augment;

import org.jspecify.annotations.NullMarked;
