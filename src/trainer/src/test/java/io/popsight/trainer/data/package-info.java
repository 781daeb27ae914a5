/** Tests of {@code io.popsight.trainer.data} on known values. */
@NullMarked
package io.popsight.trainer.data;

import org.jspecify.annotations.NullMarked;
