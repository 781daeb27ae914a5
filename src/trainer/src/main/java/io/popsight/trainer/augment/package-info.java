/**
 * Varied samples of labelled photos, made by background threads, the same whatever their number.
 * Start at {@link io.popsight.trainer.augment.BatchSource}.
 */
@NullMarked
package io.popsight.trainer.augment;

import org.jspecify.annotations.NullMarked;
