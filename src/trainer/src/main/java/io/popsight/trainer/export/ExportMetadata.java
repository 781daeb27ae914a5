package io.popsight.trainer.export;

import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Shape;
import io.popsight.model.SpikeLayer;
import io.popsight.trainer.network.Block;
import io.popsight.trainer.network.HeadLayer;
import io.popsight.trainer.network.MapShapes;
import io.popsight.trainer.network.SpikingDetector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a model file says of the network in it. */
final class ExportMetadata {

  /**
   * A float head has no integer sums, so its values are rounded to this step: far below what a box
   * or a score could tell.
   */
  static final float HEAD_STEP = 1f / 4096;

  private ExportMetadata() {}

  static ModelMetadata of(SpikingDetector network, DetectorExport.Facts facts) {
    MapShapes shapes = new MapShapes(network.blocks(), facts.inputHeight(), facts.inputWidth());
    List<HeadMap> heads = new ArrayList<>();
    List<SpikeLayer> layers = new ArrayList<>();
    for (Block block : network.blocks()) {
      Shape shape = shapes.of(block.name());
      switch (block) {
        case Block.Head head -> heads.add(head(head.layer(), shape));
        case Block.Spiking _, Block.Fire _ ->
            layers.add(
                new SpikeLayer(
                    block.name(),
                    shape.channels(),
                    shape.rows(),
                    shape.columns(),
                    shapes.macs(block.name()),
                    facts.trainingRates().getOrDefault(block.name(), 0.0)));
        case Block.Stream _, Block.Upsample _, Block.Concat _ -> {}
      }
    }
    return new ModelMetadata(
        ModelMetadata.FORMAT,
        facts.name(),
        facts.version(),
        facts.labels(),
        facts.inputHeight(),
        facts.inputWidth(),
        network.classifies() ? ModelMetadata.WHOLE_PHOTO : ModelMetadata.ANCHOR_FREE,
        heads,
        layers,
        facts.minScore(),
        facts.iou(),
        facts.training());
  }

  private static HeadMap head(HeadLayer head, Shape shape) {
    if (head.weightBits().integer()) {
      return new HeadMap(
          head.stride(), shape.rows(), shape.columns(), head.scales(), head.biases());
    }
    float[] steps = new float[head.outChannels()];
    Arrays.fill(steps, HEAD_STEP);
    return new HeadMap(
        head.stride(), shape.rows(), shape.columns(), steps, new float[head.outChannels()]);
  }
}
