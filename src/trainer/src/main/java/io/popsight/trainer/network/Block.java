package io.popsight.trainer.network;

import java.util.List;
import java.util.Optional;

/**
 * A part of a network, in the order of execution. Its name is the name of the map that it makes;
 * inputs are names of blocks before it.
 */
public sealed interface Block {

  /** Unique in its network. */
  String name();

  /** What makes spikes. */
  sealed interface Firing extends Block permits Spiking, Fire {

    /** What makes them fire. */
    Activation activation();

    /**
     * What fires, in a network that is not a float twin.
     *
     * @throws IllegalStateException in a float twin
     */
    default Activation.Stepping stepping() {
      return switch (activation()) {
        case Activation.Stepping stepping -> stepping;
        case Relu _ -> throw new IllegalStateException("a float twin has no thresholds");
      };
    }
  }

  /**
   * Spikes from a convolution's potentials.
   *
   * @param convolution what makes the potentials
   * @param activation what makes them fire
   */
  record Spiking(ConvolutionLayer convolution, Activation activation, String input)
      implements Firing {
    @Override
    public String name() {
      return convolution.plan().name();
    }
  }

  /**
   * A stream of real values around layers (Liu et al., "Bi-Real Net", ECCV 2018): a convolution's
   * potentials, added to another stream where there is one.
   */
  record Stream(ConvolutionLayer convolution, String input, Optional<String> base)
      implements Block {
    @Override
    public String name() {
      return convolution.plan().name();
    }
  }

  /**
   * Spikes from a stream.
   *
   * @param stream name of a {@link Stream}
   */
  record Fire(String name, Activation activation, String stream) implements Firing {}

  /** Spikes repeated in squares of two. */
  record Upsample(String name, String input) implements Block {}

  /** Channels of several blocks. */
  record Concat(String name, List<String> inputs) implements Block {}

  /** Boxes and scores of one stride, or scores of whole photos. */
  record Head(HeadLayer layer, String input) implements Block {
    @Override
    public String name() {
      return "head" + layer.stride();
    }
  }
}
