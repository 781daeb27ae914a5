/** Tests of {@code io.popsight.trainer.network} on known values. */
@NullMarked
package io.popsight.trainer.network;

import org.jspecify.annotations.NullMarked;
