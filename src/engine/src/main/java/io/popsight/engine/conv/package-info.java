/**
 * Kernels: a readable scalar reference each, and beside it a twin on the Vector API of the same
 * name. Going event by event has no scalar form, its reference is {@code ScalarBinaryConvolution},
 * and membranes have one loop for all. Chosen once by {@link io.popsight.engine.conv.Kernels}.
 */
@NullMarked
package io.popsight.engine.conv;

import org.jspecify.annotations.NullMarked;
