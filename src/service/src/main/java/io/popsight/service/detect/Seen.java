package io.popsight.service.detect;

/**
 * The answer to a photo and what else was made of the sight of it.
 *
 * @param view a picture, spike maps: whatever was asked for
 */
public record Seen<T>(PhotoAnswer answer, T view) {}
