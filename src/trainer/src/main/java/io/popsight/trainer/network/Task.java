package io.popsight.trainer.network;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a network is to say of a photo. */
public enum Task {
  /** Where on it things are, and of which class. */
  @JsonProperty("detection")
  DETECTION,
  /** Which class the whole of it shows. */
  @JsonProperty("classification")
  CLASSIFICATION
}
