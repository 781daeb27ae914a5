package io.popsight.model;

/**
 * Where a model comes from.
 *
 * @param dataSet name of the photos it learned from
 * @param split the photos that the figures were measured on
 * @param seed of the training's random numbers
 * @param epochs passes over the photos
 * @param commit of the trainer
 * @param map50 mean average precision at IoU 0.5 (all-point), 0 to 1
 * @param map mean over IoU 0.50 to 0.95, 0 to 1
 */
public record Training(
    String dataSet, String split, long seed, int epochs, String commit, double map50, double map) {}
