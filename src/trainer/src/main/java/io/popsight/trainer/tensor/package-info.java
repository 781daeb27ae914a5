/**
 * A few words for libtorch tensors that Java lacks. Everything made here belongs to the {@link
 * org.bytedeco.javacpp.PointerScope} that is open; only {@link
 * io.popsight.trainer.tensor.Parameters} outlives a training step.
 */
@NullMarked
package io.popsight.trainer.tensor;

import org.jspecify.annotations.NullMarked;
