package io.popsight.trainer.network;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What shares a value of the Hoyer regularizer, over a whole batch. */
public enum RegularizerScope {
  /** What shares an extremum: the sums are the same then. */
  @JsonProperty("extremum")
  EXTREMUM,
  /** Every channel has its own, and they are added up. */
  @JsonProperty("channel")
  CHANNEL,
  /** One for the layer, as in the authors' code. */
  @JsonProperty("layer")
  LAYER;

  /**
   * Whose sums it is made of.
   *
   * @param extremum what shares an extremum
   */
  ThresholdScope sums(ThresholdScope extremum) {
    return switch (this) {
      case EXTREMUM -> extremum;
      case CHANNEL -> ThresholdScope.CHANNEL;
      case LAYER -> ThresholdScope.LAYER;
    };
  }
}
