package io.popsight.trainer.network;

import io.popsight.model.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Shapes of what a network makes of one photo. */
public final class MapShapes {

  private final Map<String, Shape> maps = new HashMap<>();
  private final Map<String, Long> macs = new HashMap<>();

  /** Of a network that reads photos of a size. */
  public MapShapes(List<Block> blocks, int inputHeight, int inputWidth) {
    maps.put(SpikingDetector.PIXELS, new Shape(3, inputHeight, inputWidth));
    blocks.forEach(this::add);
  }

  /** What a block makes, after its pool. */
  public Shape of(String block) {
    Shape shape = maps.get(block);
    if (shape == null) {
      throw new IllegalArgumentException("there is no block " + block);
    }
    return shape;
  }

  /** Multiply-accumulates of a block's convolution; 0 where it has none. */
  public long macs(String block) {
    return macs.getOrDefault(block, 0L);
  }

  private void add(Block block) {
    maps.put(
        block.name(),
        switch (block) {
          case Block.Spiking b -> convolved(b.name(), b.convolution().plan(), of(b.input()));
          case Block.Stream b -> convolved(b.name(), b.convolution().plan(), of(b.input()));
          case Block.Fire b -> {
            macs.put(b.name(), macs(b.stream()));
            yield of(b.stream());
          }
          case Block.Upsample b -> {
            Shape in = of(b.input());
            yield new Shape(in.channels(), 2 * in.rows(), 2 * in.columns());
          }
          case Block.Concat b -> {
            Shape first = of(b.inputs().getFirst());
            int channels = b.inputs().stream().mapToInt(name -> of(name).channels()).sum();
            yield new Shape(channels, first.rows(), first.columns());
          }
          case Block.Head b -> {
            Shape in = of(b.input());
            Shape out = new Shape(b.layer().outChannels(), in.rows(), in.columns());
            macs.put(b.name(), (long) out.values() * in.channels());
            yield out;
          }
        });
  }

  private Shape convolved(String name, LayerPlan plan, Shape in) {
    int padding = plan.kernel() / 2;
    Shape sums =
        new Shape(
            plan.outChannels(),
            (in.rows() + 2 * padding - plan.kernel()) / plan.stride() + 1,
            (in.columns() + 2 * padding - plan.kernel()) / plan.stride() + 1);
    macs.put(name, (long) sums.values() * plan.groupChannels() * plan.kernel() * plan.kernel());
    return plan.pooled() ? new Shape(sums.channels(), sums.rows() / 2, sums.columns() / 2) : sums;
  }
}
