package io.popsight.service.energy;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A model's modelled energy a photo, beside networks of the same shape that compute otherwise:
 *
 * <pre>
 * E = MAC_stem * e_mac + sum over layers of (rate_in * MAC * e_ac) + neurons * e_cmp + bytes * e_mem
 * </pre>
 *
 * Weights are read once, maps written once and read once, packed to their bits. What the model
 * leaves out: control, instruction fetch, and that no hardware skips zeros for nothing.
 */
public final class EnergyAccounting {

  private static final double PICO_TO_MICRO = 1e-6;
  private static final int FLOAT_BITS = LayerWork.FLOAT_BITS;
  private static final int BYTE_BITS = 8;

  /** Membranes between the steps of a spiking network: written and read, 16 bits. */
  private static final int MEMBRANE_BITS = 16;

  private final List<LayerWork> layers;

  /**
   * The accounting of a file.
   *
   * @throws ModelRefusedException naming a node whose work is not known
   */
  public EnergyAccounting(ModelFile file) {
    this.layers = LayerWork.of(file);
  }

  /**
   * One way to compute the network.
   *
   * @param name of it
   * @param operations arithmetic a photo: multiply-accumulates, accumulates or bit counts, and
   *     comparisons
   * @param computeMicrojoules modelled energy of the arithmetic
   * @param memoryMicrojoules modelled energy of the memory traffic
   * @param bytes moved
   */
  public record Network(
      String name,
      double operations,
      double computeMicrojoules,
      double memoryMicrojoules,
      double bytes) {

    /** All of it. */
    public double microjoules() {
      return computeMicrojoules + memoryMicrojoules;
    }
  }

  /** The convolutions in the graph's order. */
  List<LayerWork> layers() {
    return layers;
  }

  /** This model. */
  Network own(EnergyTable e) {
    boolean spikes = spikes();
    return network(
        spikes ? (floats() ? "floats, a sum a spike" : "BANN, a sum a spike") : "this float twin",
        e,
        spikes ? 1 : FLOAT_BITS,
        LayerWork::operations,
        l -> sum(l, e),
        1);
  }

  private boolean floats() {
    return layers.stream().anyMatch(LayerWork::floats);
  }

  private boolean spikes() {
    return !layers.stream().allMatch(LayerWork::dense);
  }

  /**
   * This model first, the others after it; without those that its weights are too wide for. XNOR
   * after Rastegari et al., "XNOR-Net", ECCV 2016; the adder network after Chen et al., "AdderNet",
   * CVPR 2020.
   */
  public List<Network> networks(EnergyTable e) {
    List<Network> networks = new ArrayList<>();
    networks.add(own(e));
    if (!floats()) {
      for (String name : List.of("BANN, AND + popcount", "+-1 BNN, XNOR + popcount")) {
        networks.add(
            network(
                name,
                e,
                1,
                l -> (double) l.macs() * (l.dense() ? 1 : l.bits()),
                l -> l.dense() ? e.intMac() : e.bitCount(),
                1));
      }
    }
    if (spikes()) {
      for (int steps : new int[] {2, 4}) {
        networks.add(spiking(e, steps));
      }
    }
    networks.add(
        network(
            "adder network, 8 bits",
            e,
            BYTE_BITS,
            LayerWork::macs,
            l -> l.dense() ? e.intMac() : e.difference(),
            BYTE_BITS));
    networks.add(
        network("twin, 8 bits", e, BYTE_BITS, LayerWork::macs, _ -> e.intMac(), BYTE_BITS));
    networks.add(
        network("twin, float", e, FLOAT_BITS, LayerWork::macs, _ -> e.floatMac(), FLOAT_BITS));
    return List.copyOf(networks);
  }

  /** The convolution whose sums a spike layer fires on. */
  public Optional<LayerWork> behind(String layer) {
    return layers.stream().filter(work -> work.layers().contains(layer)).findFirst();
  }

  /** Share of operations of this model, counted a sum a spike, that are no sums of spikes. */
  public double notBinaryShare() {
    double dense = 0;
    double all = 0;
    for (LayerWork layer : layers) {
      dense += (layer.dense() ? layer.macs() : 0) + layer.outputs();
      all += layer.operations() + layer.outputs();
    }
    return dense / all;
  }

  /** Multiply-accumulates of the stem; of a float twin, all. */
  public long stemMacs() {
    return layers.stream().filter(LayerWork::dense).mapToLong(LayerWork::macs).sum();
  }

  /** Multiply-accumulates of all convolutions, the heads' too, if every input counted. */
  public long macs() {
    return layers.stream().mapToLong(LayerWork::macs).sum();
  }

  /** Accumulates behind the stem: one for each spike that meets a weight. */
  public double accumulates() {
    return layers.stream().mapToDouble(LayerWork::accumulates).sum();
  }

  /** What it costs that an input which counts meets a weight. */
  private static double sum(LayerWork layer, EnergyTable e) {
    if (layer.dense()) {
      return layer.floats() ? e.floatMac() : e.intMac();
    }
    return layer.floats() ? e.floatAdd32() : e.accumulate();
  }

  /** The stem sees the photo once; every step sums the spikes of the model's own rate. */
  private Network spiking(EnergyTable e, int steps) {
    Network once =
        network(
            "", e, steps, l -> l.dense() ? l.macs() : steps * l.accumulates(), l -> sum(l, e), 1);
    double units = layers.stream().mapToDouble(LayerWork::outputs).sum();
    double leaks = units * (steps - 1);
    double membranes = 2 * leaks * MEMBRANE_BITS / BYTE_BITS;
    double comparisons = units * (steps - 1);
    return new Network(
        "SNN of %d steps".formatted(steps),
        once.operations() + leaks + comparisons,
        once.computeMicrojoules()
            + PICO_TO_MICRO * (leaks * e.accumulate() + comparisons * e.compare()),
        once.memoryMicrojoules() + PICO_TO_MICRO * membranes * e.sramByte(),
        once.bytes() + membranes);
  }

  /**
   * A network of this shape.
   *
   * @param mapBits bits of a value between layers, over all steps
   * @param operations of a layer
   * @param price of one of them, in picojoules
   * @param weightBits of a weight; 1 takes the file's own
   */
  private Network network(
      String name,
      EnergyTable e,
      int mapBits,
      ToDoubleFunction<LayerWork> operations,
      ToDoubleFunction<LayerWork> price,
      int weightBits) {
    double count = 0;
    double compute = 0;
    double bytes = 0;
    for (LayerWork layer : layers) {
      double own = operations.applyAsDouble(layer);
      count += own + layer.outputs();
      compute += own * price.applyAsDouble(layer) + layer.outputs() * e.compare();
      int bits = weightBits == 1 ? layer.bits() : weightBits;
      int inputBits =
          layer.dense() ? Math.max(BYTE_BITS, mapBits == FLOAT_BITS ? FLOAT_BITS : 0) : mapBits;
      bytes +=
          ((double) layer.weights() * bits
                  + (double) layer.inputs() * inputBits
                  + (double) layer.outputs() * mapBits)
              / BYTE_BITS;
    }
    return new Network(
        name, count, PICO_TO_MICRO * compute, PICO_TO_MICRO * bytes * e.sramByte(), bytes);
  }
}
