package io.popsight.engine.plan;

import io.popsight.backend.PlanStep;
import io.popsight.engine.conv.ConvolutionShape;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.engine.conv.PixelConvolution;
import io.popsight.engine.conv.WeightPlanes;
import io.popsight.model.Node;
import io.popsight.model.Weights;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The kernels of a network's convolutions. Groups other than single channels have no kernel of
 * their own: they are spread over all channels.
 */
final class ConvolutionKernels {

  private final KernelFamily kernels;
  private final EventChoice choice;

  /** Steps of an unrolled network have the same weights. By weights, then by number of groups. */
  private final IdentityHashMap<Weights, Map<Integer, WeightPlanes>> planesOf =
      new IdentityHashMap<>();

  ConvolutionKernels(KernelFamily kernels, EventChoice choice) {
    this.kernels = kernels;
    this.choice = choice;
  }

  SpikeKernel spikes(ConvolutionShape shape, Node.Convolution convolution) {
    Weights weights = convolution.weights();
    if (convolution.depthwise()) {
      long bytes = (long) weights.toArray().length * Integer.BYTES;
      return new SpikeKernel(kernels.depthwise(shape, weights), "", bytes);
    }
    return switch (kernels.events()) {
      case NEVER -> counting(shape, convolution);
      case ALWAYS -> events(shape, convolution);
      case MEASURED ->
          choice.of(
              convolution,
              shape,
              () -> counting(shape, convolution),
              () -> events(shape, convolution));
    };
  }

  PixelConvolution pixels(ConvolutionShape shape, Node.Convolution convolution) {
    return kernels.pixels(shape, overAll(convolution));
  }

  private SpikeKernel counting(ConvolutionShape shape, Node.Convolution convolution) {
    WeightPlanes weights =
        planesOf
            .computeIfAbsent(convolution.weights(), _ -> new HashMap<>())
            .computeIfAbsent(convolution.groups(), _ -> WeightPlanes.of(overAll(convolution)));
    return new SpikeKernel(kernels.binary(shape, weights), "", weights.bytes());
  }

  private SpikeKernel events(ConvolutionShape shape, Node.Convolution convolution) {
    Weights weights = overAll(convolution);
    long window = (long) weights.inChannels() * weights.kernel() * weights.kernel();
    long bits = window * weights.outChannels() * Math.max(weights.bits(), 2);
    return new SpikeKernel(
        kernels.events(shape, weights), ", " + PlanStep.BY_EVENT, bits / Byte.SIZE);
  }

  private static Weights overAll(Node.Convolution convolution) {
    return convolution.groups() == 1
        ? convolution.weights()
        : convolution.weights().overGroups(convolution.groups());
  }
}
