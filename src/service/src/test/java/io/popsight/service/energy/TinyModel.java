package io.popsight.service.energy;

import io.popsight.model.HeadMap;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.SpikeLayer;
import io.popsight.model.Training;
import io.popsight.model.Weights;
import java.util.Arrays;
import java.util.List;

/**
 * A network small enough to count by hand: a stem of 4 channels on 8 x 8 pixels, 1x1, and a head of
 * 5 channels on it. 8 * 8 * 3 * 4 = 768 multiply-accumulates and 8 * 8 * 4 * 5 = 1280 of spikes;
 * 256 + 320 units are compared.
 */
final class TinyModel {

  static final ModelGraph GRAPH = graph();

  private TinyModel() {}

  /**
   * The file.
   *
   * @param rate share of the stem's units that fire for the photos of the training
   */
  static ModelFile file(double rate) {
    ModelMetadata metadata =
        new ModelMetadata(
            ModelMetadata.FORMAT,
            "tiny",
            "1",
            List.of("thing"),
            8,
            8,
            ModelMetadata.ANCHOR_FREE,
            List.of(new HeadMap(1, 8, 8, new float[5], new float[5])),
            List.of(new SpikeLayer("stem", 4, 8, 8, 768, rate)),
            0.3f,
            0.5f,
            new Training("none", "none", 1, 1, "none", 0, 0));
    return new ModelFile(new byte[0], metadata, new ModelFile.Network.Typed(GRAPH));
  }

  private static ModelGraph graph() {
    byte[] stem = new byte[12];
    Arrays.fill(stem, (byte) 3);
    byte[] head = new byte[20];
    Arrays.fill(head, (byte) 1);
    return new ModelGraph(
        List.of(
            new Node.Pixels("photo", new Shape(3, 8, 8), 128),
            new Node.Convolution("stem.sum", "photo", new Weights(4, 3, 1, stem), 1, 0),
            new Node.Spikes("stem", "stem.sum", new int[4]),
            new Node.Convolution("head", "stem", new Weights(5, 4, 1, head), 1, 0)),
        List.of("head"),
        List.of("stem"));
  }
}
