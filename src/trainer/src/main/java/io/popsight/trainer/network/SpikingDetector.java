package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Parameters;
import io.popsight.trainer.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A detector: a stem of stride 2, four stages, and heads at strides 8, 16 and 32. Or a classifier
 * of whole photos, whose stem may have stride 1: one head after the last stage.
 */
public final class SpikingDetector {

  /** The name by which blocks read the photo. */
  public static final String PIXELS = "photo";

  /** Subtracted from a pixel: the middle of its range. */
  public static final int PIXEL_OFFSET = 128;

  /** The stem's input is {@code (pixel - 128) / 64}: near a unit deviation. */
  public static final double PIXEL_SCALE = 1.0 / 64;

  private final Parameters parameters = new Parameters();
  private final List<Block> blocks;
  private final int steps;

  /** A fresh network; libtorch's random generator must have been seeded. */
  public SpikingDetector(Architecture architecture, Task task, int classes) {
    this.blocks = new NetworkBuilder(architecture, parameters).build(task, classes);
    this.steps = architecture.steps();
  }

  /** Input pixels a cell of each head of a detector, finest first. */
  public static int[] strides() {
    return NetworkBuilder.STRIDES.clone();
  }

  /** How often it sees a photo. */
  public int steps() {
    return steps;
  }

  /**
   * What a block is called in a file, where every step has blocks of its own.
   *
   * @param step from 1 on
   */
  public String atStep(String block, int step) {
    return steps == 1 || block.equals(PIXELS) ? block : block + ".t" + step;
  }

  /** Whether it says what whole photos show. */
  public boolean classifies() {
    return blocks.stream()
        .anyMatch(block -> block instanceof Block.Head head && head.layer().classifies());
  }

  /**
   * What the network makes of a batch.
   *
   * @param cells [N, cells of all heads, 4 + classes], finest stride first; of a classifier [N,
   *     cells, classes]
   * @param hoyer the regularizer: Hoyer values summed over layers, a unit
   * @param hoyers the Hoyer value of each spiking block, a unit, by name
   * @param maps what every block made, by name; spikes are zeros and ones, but in a float twin; N
   *     is multiplied by the steps, one step after the other
   * @param rates share of values above zero in the maps of spiking blocks, scalars by name
   */
  public record Output(
      Tensor cells,
      Tensor hoyer,
      SequencedMap<String, Tensor> hoyers,
      SequencedMap<String, Tensor> maps,
      SequencedMap<String, Tensor> rates) {}

  /**
   * Runs a batch.
   *
   * @param pixels unsigned bytes [N, H, W, 3]
   */
  public Output forward(Tensor pixels, Statistics statistics) {
    Walk walk = new Walk(statistics);
    Tensor photos = scaled(Tensors.beside(parameters.trained().firstEntry().getValue(), pixels));
    walk.maps.put(PIXELS, steps == 1 ? photos : photos.repeat(steps, 1, 1, 1));
    blocks.forEach(walk::through);
    Tensor cells = torch.cat(walk.cells, 1);
    return new Output(
        steps == 1 ? cells : torch.stack(cells.chunk(steps, 0), 0).mean(0),
        walk.regularizer(),
        walk.hoyerOf,
        walk.maps,
        walk.rates);
  }

  /** What the stem reads: [N, H, W, 3] bytes to [N, 3, H, W], near a unit deviation. */
  public static Tensor scaled(Tensor pixels) {
    Tensor photos = pixels.permute(0, 3, 1, 2).to(torch.ScalarType.Float);
    return Tensors.times(Tensors.plus(photos, -PIXEL_OFFSET), PIXEL_SCALE).contiguous();
  }

  /** Keeps the latent weights of one bit where their gradient passes; called after each step. */
  public void clipLatentWeights() {
    parameters.clip(name -> name.endsWith(QuantizedWeights.BINARY), QuantizedWeights.LATENT_LIMIT);
  }

  /**
   * Names under which a run with other widths of weights keeps what this one calls so.
   *
   * @param name of a trained tensor
   * @return empty unless it holds latent weights
   */
  public static List<String> ofOtherWidths(String name) {
    return QuantizedWeights.LATENT.stream()
        .filter(name::endsWith)
        .flatMap(
            own ->
                QuantizedWeights.LATENT.stream()
                    .filter(other -> !other.equals(own))
                    .map(other -> name.substring(0, name.length() - own.length()) + other))
        .toList();
  }

  /**
   * Turns the logit {@code x} of a class into {@code factor * x + shift}, in every head.
   *
   * @param factors one a class, above zero
   * @param shifts one a class
   */
  public void changeLogits(float[] factors, float[] shifts) {
    for (Block block : blocks) {
      if (block instanceof Block.Head head) {
        head.layer().changeLogits(factors, shifts);
      }
    }
  }

  /** Its tensors. */
  public Parameters parameters() {
    return parameters;
  }

  /** In the order of execution. */
  public List<Block> blocks() {
    return blocks;
  }

  /** Whether all of it becomes integers when exported; otherwise it is a float graph. */
  public boolean integer() {
    return blocks.stream()
        .allMatch(
            block ->
                switch (block) {
                  case Block.Spiking b ->
                      b.convolution().plan().weightBits().integer()
                          && b.activation() instanceof HoyerSpike;
                  case Block.Stream b -> b.convolution().plan().weightBits().integer();
                  case Block.Fire b -> b.activation() instanceof HoyerSpike;
                  case Block.Head b -> b.layer().weightBits().integer();
                  case Block.Upsample _, Block.Concat _ -> true;
                });
  }

  /** One pass through the blocks, adding up the regularizer. */
  private static final class Walk {
    private final Statistics statistics;
    private final SequencedMap<String, Tensor> maps = new LinkedHashMap<>();
    private final SequencedMap<String, Tensor> rates = new LinkedHashMap<>();
    private final SequencedMap<String, Tensor> hoyerOf = new LinkedHashMap<>();
    private final TensorVector cells = new TensorVector();
    private final TensorVector hoyers = new TensorVector();
    private long units;

    Walk(Statistics statistics) {
      this.statistics = statistics;
    }

    void through(Block block) {
      switch (block) {
        case Block.Spiking b -> fire(b.name(), b.activation(), forward(b.convolution(), b.input()));
        case Block.Stream b -> {
          Tensor added = forward(b.convolution(), b.input());
          maps.put(b.name(), b.base().map(base -> map(base).add(added)).orElse(added));
        }
        case Block.Fire b -> fire(b.name(), b.activation(), map(b.stream()));
        case Block.Upsample b -> maps.put(b.name(), Tensors.upsampled(map(b.input())));
        case Block.Concat b -> {
          TensorVector inputs = new TensorVector();
          b.inputs().forEach(name -> inputs.push_back(map(name)));
          maps.put(b.name(), torch.cat(inputs, 1));
        }
        case Block.Head b -> cells.push_back(b.layer().forward(map(b.input())));
      }
    }

    private Tensor forward(ConvolutionLayer convolution, String input) {
      return convolution.forward(map(input), statistics.of(convolution.plan().name()));
    }

    private void fire(String name, Activation activation, Tensor potential) {
      Activation.Spikes fired = activation.fire(potential, statistics.of(name));
      hoyers.push_back(fired.hoyer());
      hoyerOf.put(name, Tensors.times(fired.hoyer().detach(), 1.0 / fired.units()));
      units += fired.units();
      maps.put(name, fired.values());
      rates.put(name, fired.rate());
    }

    private Tensor map(String name) {
      return Objects.requireNonNull(((Map<String, Tensor>) maps).get(name), name);
    }

    Tensor regularizer() {
      return Tensors.times(torch.stack(hoyers).sum(), 1.0 / units);
    }
  }
}
