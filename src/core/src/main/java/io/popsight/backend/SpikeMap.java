package io.popsight.backend;

import io.popsight.model.SpikeLayer;

/**
 * Where a layer fired for one photo.
 *
 * @param layer which one; its rows and columns are those of the map
 * @param ones how many of a pixel's channels fired, layout [rows][columns]
 */
public record SpikeMap(SpikeLayer layer, int[] ones) {

  /** As many values as the layer has pixels, none above its channels. */
  public SpikeMap {
    if (ones.length != layer.rows() * layer.columns()) {
      throw new IllegalArgumentException(
          "%d values for %s of %dx%d"
              .formatted(ones.length, layer.name(), layer.rows(), layer.columns()));
    }
  }
}
