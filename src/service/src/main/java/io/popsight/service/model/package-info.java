/**
 * The folder of models: what is in it, compiled for the backends that are asked for. Start at
 * {@link io.popsight.service.model.ModelRegistry}.
 */
@NullMarked
package io.popsight.service.model;

import org.jspecify.annotations.NullMarked;
