package io.popsight.trainer.run;

import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.MapShapes;
import io.popsight.trainer.network.SpikingDetector;

/**
 * How large a network is.
 *
 * @param parameters trained values
 * @param bytes of a file with them: a byte each, four where they stay floats
 * @param macs multiply-accumulates a photo, of all convolutions
 */
record NetworkSize(long parameters, long bytes, long macs) {

  /** Of a network that reads the photos of a run. */
  static NetworkSize of(SpikingDetector network, TrainConfig config) {
    MapShapes shapes = new MapShapes(network.blocks(), config.inputHeight(), config.inputWidth());
    long macs =
        network.blocks().stream()
            .filter(block -> !(block instanceof Block.Fire))
            .mapToLong(block -> shapes.macs(block.name()))
            .sum();
    long parameters = network.parameters().size();
    boolean integers = config.network().integer();
    return new NetworkSize(
        parameters, integers ? parameters : parameters * Float.BYTES, macs * network.steps());
  }

  /** As a person reads it. */
  String text() {
    return "%,d trained values (about %.1f MB as a file), %,d million multiply-accumulates a photo"
        .formatted(parameters, bytes / 1e6, macs / 1_000_000);
  }
}
