/**
 * The seam between the service and whatever runs a network: a backend compiles a model file, the
 * compiled model turns a batch of pixels into integer head sums and spike counts. Backends are
 * found with {@link java.util.ServiceLoader}. Start at {@link io.popsight.backend.Backends}.
 */
@NullMarked
package io.popsight.backend;

import org.jspecify.annotations.NullMarked;
