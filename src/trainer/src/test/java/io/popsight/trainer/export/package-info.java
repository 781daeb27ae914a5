/** Tests of {@code io.popsight.trainer.export} on known values. */
@NullMarked
package io.popsight.trainer.export;

import org.jspecify.annotations.NullMarked;
