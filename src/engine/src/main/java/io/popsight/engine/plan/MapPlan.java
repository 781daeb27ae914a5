package io.popsight.engine.plan;

import io.popsight.model.Shape;

/**
 * A bit map to be made for each worker.
 *
 * @param border widest padding among the convolutions that read it
 */
record MapPlan(Shape shape, int border) {}
