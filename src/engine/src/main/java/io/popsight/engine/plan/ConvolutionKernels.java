package io.popsight.engine.plan;

import io.popsight.engine.conv.BinaryConvolution;
import io.popsight.engine.conv.ConvolutionShape;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.PixelConvolution;
import io.popsight.engine.conv.WeightPlanes;
import io.popsight.model.Node;
import io.popsight.model.Weights;
import java.util.IdentityHashMap;

/**
 * The kernels of a network's convolutions, and the weights that these read. Groups other than
 * single channels have no kernel of their own: they are spread over all channels.
 */
final class ConvolutionKernels {

  private final KernelFamily kernels;

  /** Steps of an unrolled network have the same weights. */
  private final IdentityHashMap<Weights, WeightPlanes> planesOf = new IdentityHashMap<>();

  ConvolutionKernels(KernelFamily kernels) {
    this.kernels = kernels;
  }

  BinaryConvolution binary(ConvolutionShape shape, Node.Convolution convolution) {
    return convolution.depthwise()
        ? kernels.depthwise(shape, convolution.weights())
        : kernels.binary(shape, planes(convolution));
  }

  PixelConvolution pixels(ConvolutionShape shape, Node.Convolution convolution) {
    return kernels.pixels(shape, overAll(convolution));
  }

  /** What a convolution of spikes that is not depthwise reads. */
  WeightPlanes planes(Node.Convolution convolution) {
    return planesOf.computeIfAbsent(
        convolution.weights(), _ -> WeightPlanes.of(overAll(convolution)));
  }

  /** Memory of the weights of a convolution of spikes. */
  long bytes(Node.Convolution convolution) {
    return convolution.depthwise()
        ? (long) convolution.weights().toArray().length * Integer.BYTES
        : planes(convolution).bytes();
  }

  private static Weights overAll(Node.Convolution convolution) {
    return convolution.groups() == 1
        ? convolution.weights()
        : convolution.weights().overGroups(convolution.groups());
  }
}
