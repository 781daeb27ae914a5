/** Tests of the backend {@code onnx}. */
@NullMarked
package io.popsight.onnx;

import org.jspecify.annotations.NullMarked;
