/**
 * A training run: its configuration, the loop over epochs, checkpoints and the progress shown.
 * Start at {@link io.popsight.trainer.run.TrainingRun}.
 */
@NullMarked
package io.popsight.trainer.run;

import org.jspecify.annotations.NullMarked;
