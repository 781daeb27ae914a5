package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A VGG-style detector: a stem of stride 2, four stages that halve the map with a pool after their
 * first convolution, and at strides 8, 16 and 32 one more spiking layer under a head.
 */
public final class SpikingDetector {

  /** The stem's input is {@code (pixel - 128) / 64}: near a unit deviation. */
  public static final double PIXEL_SCALE = 1.0 / 64;

  private static final int[] STRIDES = {8, 16, 32};

  private final Parameters parameters = new Parameters();
  private final SpikingLayer stem;
  private final List<List<SpikingLayer>> stages = new ArrayList<>();
  private final List<SpikingLayer> headLayers = new ArrayList<>();
  private final List<HeadLayer> heads = new ArrayList<>();

  /**
   * A fresh network; libtorch's random generator must have been seeded.
   *
   * @param widths channels of the stem and of the four stages
   * @param weightBits of the hidden layers: 1 or 8
   */
  public SpikingDetector(List<Integer> widths, int weightBits, int classes) {
    if (widths.size() != 5) {
      throw new IllegalArgumentException("widths: stem and four stages, got " + widths);
    }
    int channels = widths.getFirst();
    stem = new SpikingLayer(parameters, new LayerPlan("stem", 3, channels, 3, 2, false, 8));
    for (int s = 1; s < widths.size(); s++) {
      int width = widths.get(s);
      String name = "stage" + s;
      stages.add(
          List.of(
              new SpikingLayer(
                  parameters,
                  new LayerPlan(name + ".conv1", channels, width, 3, 1, true, weightBits)),
              new SpikingLayer(
                  parameters,
                  new LayerPlan(name + ".conv2", width, width, 3, 1, false, weightBits))));
      channels = width;
      if (s > 1) {
        int stride = STRIDES[s - 2];
        headLayers.add(
            new SpikingLayer(
                parameters,
                new LayerPlan("head" + stride + ".conv", width, width, 3, 1, false, weightBits)));
        heads.add(new HeadLayer(parameters, stride, width, classes));
      }
    }
  }

  /**
   * What the network makes of a batch.
   *
   * @param cells [N, cells of all heads, 4 + classes], finest stride first
   * @param hoyer the regularizer: Hoyer values summed over layers, a unit
   * @param spikes the maps of every layer by name
   */
  public record Output(Tensor cells, Tensor hoyer, SequencedMap<String, Tensor> spikes) {}

  /**
   * Runs a batch.
   *
   * @param pixels unsigned bytes [N, H, W, 3]
   */
  public Output forward(Tensor pixels, Statistics statistics) {
    Walk walk = new Walk(statistics);
    Tensor map = walk.through(stem, scaled(pixels));
    TensorVector cells = new TensorVector();
    for (int s = 0; s < stages.size(); s++) {
      for (SpikingLayer layer : stages.get(s)) {
        map = walk.through(layer, map);
      }
      if (s > 0) {
        cells.push_back(heads.get(s - 1).forward(walk.through(headLayers.get(s - 1), map)));
      }
    }
    return new Output(torch.cat(cells, 1), walk.regularizer(), walk.spikes);
  }

  /** What the stem reads: [N, H, W, 3] bytes to [N, 3, H, W], near a unit deviation. */
  public static Tensor scaled(Tensor pixels) {
    Tensor photos = pixels.permute(0, 3, 1, 2).to(torch.ScalarType.Float);
    return Tensors.times(Tensors.plus(photos, -128), PIXEL_SCALE).contiguous();
  }

  /** Keeps the latent weights of one bit where their gradient passes; called after each step. */
  public void clipLatentWeights() {
    parameters.clip(name -> name.endsWith(QuantizedWeights.BINARY), QuantizedWeights.LATENT_LIMIT);
  }

  /** Its tensors. */
  public Parameters parameters() {
    return parameters;
  }

  /** The layer that reads the photo. */
  public SpikingLayer stem() {
    return stem;
  }

  /** Two layers each. */
  public List<List<SpikingLayer>> stages() {
    return List.copyOf(stages);
  }

  /** The spiking layer under each head. */
  public List<SpikingLayer> headLayers() {
    return List.copyOf(headLayers);
  }

  /** Finest stride first. */
  public List<HeadLayer> heads() {
    return List.copyOf(heads);
  }

  /** One pass through the layers, adding up the regularizer. */
  private static final class Walk {
    private final Statistics statistics;
    private final SequencedMap<String, Tensor> spikes = new LinkedHashMap<>();
    private final TensorVector hoyers = new TensorVector();
    private long units;

    Walk(Statistics statistics) {
      this.statistics = statistics;
    }

    Tensor through(SpikingLayer layer, Tensor input) {
      HoyerSpike.Spikes fired = layer.forward(input, statistics);
      hoyers.push_back(fired.hoyer());
      units += fired.units();
      spikes.put(layer.plan().name(), fired.ones());
      return fired.ones();
    }

    Tensor regularizer() {
      return Tensors.times(torch.stack(hoyers).sum(), 1.0 / units);
    }
  }
}
