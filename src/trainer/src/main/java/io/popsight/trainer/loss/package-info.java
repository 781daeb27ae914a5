/**
 * What a detector is trained for: which cell answers for which object, and how wrong it is. Start
 * at {@link io.popsight.trainer.loss.DetectionLoss}.
 */
@NullMarked
package io.popsight.trainer.loss;

import org.jspecify.annotations.NullMarked;
