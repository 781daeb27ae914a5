/**
 * How good a model file is: average precision, measured on the file and the backend that will serve
 * it. Start at {@link io.popsight.trainer.evaluate.ExportedEvaluation}.
 */
@NullMarked
package io.popsight.trainer.evaluate;

import org.jspecify.annotations.NullMarked;
