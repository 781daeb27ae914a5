/**
 * Kernels: each a readable scalar reference that does everything, and a twin on the Vector API with
 * the same name and signature. Chosen once by {@link io.popsight.engine.conv.Kernels}.
 */
@NullMarked
package io.popsight.engine.conv;

import org.jspecify.annotations.NullMarked;
