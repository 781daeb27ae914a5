/**
 * From trained floats to the integers of a model file: batch norm, scales and thresholds become one
 * integer comparison a channel. Start at {@link io.popsight.trainer.export.DetectorExport}.
 */
@NullMarked
package io.popsight.trainer.export;

import org.jspecify.annotations.NullMarked;
