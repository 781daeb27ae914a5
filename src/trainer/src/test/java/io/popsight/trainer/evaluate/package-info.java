/** Tests of {@code io.popsight.trainer.evaluate} on known values. */
@NullMarked
package io.popsight.trainer.evaluate;

import org.jspecify.annotations.NullMarked;
