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
      if (block instanceof Block.Head head) {
        heads.add(head(head.layer(), shapes.of(block.name()), network.steps()));
      }
    }
    for (int step = 1; step <= network.steps(); step++) {
      for (Block block : network.blocks()) {
        switch (block) {
          case Block.Firing _ -> {
            Shape shape = shapes.of(block.name());
            String name = network.atStep(block.name(), step);
            layers.add(
                new SpikeLayer(
                    name,
                    shape.channels(),
                    shape.rows(),
                    shape.columns(),
                    shapes.macs(block.name()),
                    facts.trainingRates().getOrDefault(name, 0.0)));
          }
          case Block.Head _, Block.Stream _, Block.Upsample _, Block.Concat _ -> {}
        }
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

  /** Sums run over the steps, values are their mean. */
  private static HeadMap head(HeadLayer head, Shape shape, int steps) {
    if (head.weightBits().integer()) {
      float[] scales = head.scales();
      for (int c = 0; c < scales.length; c++) {
        scales[c] /= steps;
      }
      return new HeadMap(head.stride(), shape.rows(), shape.columns(), scales, head.biases());
    }
    float[] rounded = new float[head.outChannels()];
    Arrays.fill(rounded, HEAD_STEP);
    return new HeadMap(
        head.stride(), shape.rows(), shape.columns(), rounded, new float[head.outChannels()]);
  }
}
