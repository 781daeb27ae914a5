package io.popsight.engine.plan;

import io.popsight.engine.conv.BinaryConvolution;

/**
 * The kernel of a convolution of spikes.
 *
 * @param how words for people behind what the convolution is, empty for the usual
 * @param room counts of {@link io.popsight.engine.conv.RowSums} that a row needs
 * @param bytes of weights
 */
record SpikeKernel(BinaryConvolution convolution, String how, int room, long bytes) {}
