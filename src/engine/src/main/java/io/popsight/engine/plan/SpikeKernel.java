package io.popsight.engine.plan;

import io.popsight.engine.conv.BinaryConvolution;

/**
 * The kernel of a convolution of spikes.
 *
 * @param how words for people behind what the convolution is, empty for the usual
 * @param bytes of weights
 */
record SpikeKernel(BinaryConvolution convolution, String how, long bytes) {}
