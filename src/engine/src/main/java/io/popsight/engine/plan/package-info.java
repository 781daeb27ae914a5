/**
 * A graph as steps over memory laid out beforehand. Start at {@link io.popsight.engine.plan.Plan}.
 */
@NullMarked
package io.popsight.engine.plan;

import org.jspecify.annotations.NullMarked;
