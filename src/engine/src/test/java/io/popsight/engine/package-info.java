/** Backends against each other: vector, scalar and ONNX Runtime must agree to the bit. */
@NullMarked
package io.popsight.engine;

import org.jspecify.annotations.NullMarked;
