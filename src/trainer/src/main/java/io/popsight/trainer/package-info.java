/**
 * The offline trainer's command line: {@code train}, {@code eval} and {@code compare}. Start at
 * {@link io.popsight.trainer.TrainerCommands}.
 */
@NullMarked
package io.popsight.trainer;

import org.jspecify.annotations.NullMarked;
