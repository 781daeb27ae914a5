package io.popsight.trainer.network;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.bytedeco.pytorch.Tensor;

/** What shares a Hoyer extremum, over a whole batch. */
public enum ThresholdScope {
  /** Every channel has its own. */
  @JsonProperty("channel")
  CHANNEL,
  /** One for the layer. */
  @JsonProperty("layer")
  LAYER,
  /** The extremum is 1, always: the clipping value itself. */
  @JsonProperty("fixed")
  FIXED;

  /** Axes of [N, C, H, W] that are summed over. */
  long[] axes() {
    return this == CHANNEL ? new long[] {0, 2, 3} : new long[] {0, 1, 2, 3};
  }

  /** Values of channels, [1, C, 1, 1], as one for all that share: their mean. */
  Tensor shared(Tensor channels) {
    return this == CHANNEL ? channels : channels.mean().reshape(1, 1, 1, 1);
  }

  /** Extrema of a layer of so many channels. */
  int extrema(int channels) {
    return this == CHANNEL ? channels : 1;
  }
}
