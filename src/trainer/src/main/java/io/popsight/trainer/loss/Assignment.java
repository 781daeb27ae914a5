package io.popsight.trainer.loss;

/**
 * Which cell of a photo answers for which object.
 *
 * @param object index of the object a cell answers for, -1 for none
 * @param target score to aim at, a cell, 0 to 1; also the weight of its box
 */
record Assignment(int[] object, float[] target) {}
