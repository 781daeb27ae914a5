package io.popsight.trainer.network;

import io.popsight.trainer.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How near to their thresholds the units of a trained network are: the Hoyer regularizer is to push
 * them away from there, so that noise changes few spikes. A float twin has no thresholds, and no
 * layers here.
 */
public final class FiringMargins {

  /** Deviations of the normal noise that is added to the normalised potential z. */
  public static final List<Double> NOISE = List.of(0.05, 0.1, 0.2);

  /** The histogram goes from minus this to this. */
  public static final double REACH = 1.5;

  private static final int BINS = 30;

  private final SpikingDetector network;
  private final SequencedMap<String, Counts> layers = new LinkedHashMap<>();

  /** Of a network, from the averages that it is served with. */
  public FiringMargins(SpikingDetector network) {
    this.network = network;
  }

  /**
   * A layer.
   *
   * @param name of the layer
   * @param spikes share of its units that fire
   * @param histogram share of its units in each of the bins of {@code z - E} between minus {@link
   *     #REACH} and {@link #REACH}; units fire from 0 on
   * @param flips share of its units that change from or to firing under each {@link #NOISE} on this
   *     layer alone
   */
  public record Layer(String name, double spikes, List<Double> histogram, List<Double> flips) {}

  /** Middles of the histogram's bins. */
  public static double[] middles() {
    return IntStream.range(0, BINS)
        .mapToDouble(b -> 2 * REACH * (b + 0.5) / BINS - REACH)
        .toArray();
  }

  /**
   * Takes photos into account.
   *
   * @param pixels unsigned bytes [N, H, W, 3]
   */
  public void add(Tensor pixels) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Map<String, Tensor> maps = network.forward(pixels, Statistics.AVERAGED).maps();
      for (Block block : network.blocks()) {
        switch (block) {
          case Block.Spiking b ->
              add(
                  b.name(),
                  b.activation(),
                  b.convolution().forward(map(maps, b.input()), Statistics.AVERAGED));
          case Block.Fire b -> add(b.name(), b.activation(), map(maps, b.stream()));
          case Block.Stream _, Block.Upsample _, Block.Concat _, Block.Head _ -> {}
        }
      }
    }
  }

  private static Tensor map(Map<String, Tensor> maps, String name) {
    return Objects.requireNonNull(maps.get(name), name);
  }

  private void add(String layer, Activation activation, Tensor potential) {
    switch (activation) {
      case Activation.Stepping stepping ->
          layers.computeIfAbsent(layer, _ -> new Counts()).add(stepping.margin(potential));
      case Relu _ -> {}
    }
  }

  /** What was found so far. */
  public List<Layer> layers() {
    List<Layer> found = new ArrayList<>();
    layers.forEach((name, counts) -> found.add(counts.layer(name)));
    return List.copyOf(found);
  }

  /** Units of one layer. */
  private static final class Counts {
    private final double[] bins = new double[BINS];
    private final double[] flipped = new double[NOISE.size()];
    private double fired;
    private double units;

    void add(Tensor margin) {
      Tensor fires = margin.ge(new Scalar(0.0));
      units += margin.numel();
      fired += fires.sum().item_double();
      float[] counted =
          Tensors.toArray(torch.histc(margin, BINS, new Scalar(-REACH), new Scalar(REACH)));
      for (int b = 0; b < BINS; b++) {
        bins[b] += counted[b];
      }
      for (int n = 0; n < flipped.length; n++) {
        Tensor noisy = margin.add(Tensors.times(torch.randn_like(margin), NOISE.get(n)));
        flipped[n] += noisy.ge(new Scalar(0.0)).ne(fires).sum().item_double();
      }
    }

    Layer layer(String name) {
      return new Layer(name, fired / units, shares(bins), shares(flipped));
    }

    private List<Double> shares(double[] counts) {
      return IntStream.range(0, counts.length).mapToObj(i -> counts[i] / units).toList();
    }
  }
}
