/**
 * The model file as a contract: the ONNX graph of a binary-activation detector read into a small
 * typed graph, and written from it. Everything in a file is checked here, before anything is
 * allocated for it. Start at {@link io.popsight.model.ModelFile}.
 */
@NullMarked
package io.popsight.model;

import org.jspecify.annotations.NullMarked;
