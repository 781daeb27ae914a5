/** Losses against figures worked out by hand. */
@NullMarked
package io.popsight.trainer.loss;

import org.jspecify.annotations.NullMarked;
