/**
 * The backend {@code onnx}: ONNX Runtime executes the model file as it is, the graphs included that
 * the popcount engine refuses. Loaded only when it is asked for. Start at {@link
 * io.popsight.onnx.OnnxBackendProvider}.
 */
@NullMarked
package io.popsight.onnx;

import org.jspecify.annotations.NullMarked;
