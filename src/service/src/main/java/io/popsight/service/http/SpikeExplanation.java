package io.popsight.service.http;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.popsight.backend.SpikeMap;
import io.popsight.geometry.Letterbox;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.Sight;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** The answer to {@code ?explain=spikes}: that to the photo, and where each layer fired. */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record SpikeExplanation(@JsonUnwrapped PhotoAnswer answer, Maps spikeMaps) {

  /**
   * Every layer's map; all of them cover the whole of the network's input.
   *
   * @param photo where the photo lies in it, in its pixels
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Maps(int inputWidth, int inputHeight, PhotoAnswer.Box photo, List<LayerMap> layers) {

    static Maps of(Sight sight) {
      Letterbox box = sight.letterbox();
      return new Maps(
          box.inputWidth(),
          box.inputHeight(),
          new PhotoAnswer.Box(
              box.left(), box.top(), box.left() + box.width(), box.top() + box.height()),
          sight.spikeMaps().stream().map(LayerMap::of).toList());
    }
  }

  /**
   * One layer.
   *
   * @param ones how many of the channels of a pixel fired, row by row
   */
  record LayerMap(String layer, int channels, int rows, int columns, int[] ones) {

    static LayerMap of(SpikeMap map) {
      return new LayerMap(
          map.layer().name(),
          map.layer().channels(),
          map.layer().rows(),
          map.layer().columns(),
          map.ones());
    }
  }
}
