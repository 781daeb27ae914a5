/**
 * The backend {@code popcount}: the typed graph of a model compiled to bit operations. The door is
 * {@link io.popsight.engine.PopcountBackendProvider}; nobody else needs these classes but
 * benchmarks and inspection.
 */
@NullMarked
package io.popsight.engine;

import org.jspecify.annotations.NullMarked;
