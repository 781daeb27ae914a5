package io.popsight.service.energy;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.Node;
import io.popsight.model.SpikeRates;
import java.util.ArrayList;
import java.util.List;

/**
 * Operations that a network spends on a photo, and their modelled energy: what {@link
 * EnergyAccounting} says of the model itself, with the photo's spike rates instead of the
 * training's. Prepared when a version is loaded, so that a photo costs an addition a layer.
 *
 * <p>It compares networks and photos; it is not what this machine draws, since its kernels look at
 * 32 inputs at once.
 */
public final class Operations {

  /** The table that {@code inspect} prices with, too, unless it is asked for another. */
  private static final EnergyTable PRICES = EnergyTable.NM45;

  private static final double JOULES_PER_MICROJOULE = 1e-6;
  private static final double JOULES_PER_PICOJOULE = 1e-12;

  private final SpikeRates rates;
  private final List<OfSpikes> ofSpikes = new ArrayList<>();
  private final long multiplyAccumulates;

  /** Joules of a photo for which no unit fires: the stem, comparisons and memory. */
  private final double silentJoules;

  /**
   * A convolution of spikes.
   *
   * @param input name of the map that it reads
   */
  private record OfSpikes(LayerWork work, String input) {}

  /**
   * Of a file inside the subset.
   *
   * @param graph that it has
   */
  public Operations(ModelFile file, ModelGraph graph) {
    this.rates = new SpikeRates(graph);
    EnergyAccounting training = new EnergyAccounting(file);
    for (LayerWork work : training.layers()) {
      if (!work.dense() && graph.node(work.name()) instanceof Node.Convolution convolution) {
        ofSpikes.add(new OfSpikes(work, convolution.input()));
      }
    }
    this.multiplyAccumulates = training.stemMacs();
    this.silentJoules =
        training.own(PRICES).microjoules() * JOULES_PER_MICROJOULE
            - joulesOf(training.accumulates());
  }

  /** Multiply-accumulates a photo: those of the stem. */
  public long multiplyAccumulates() {
    return multiplyAccumulates;
  }

  /**
   * Accumulates for a photo.
   *
   * @param told its spike rates, of the counted layers in their order
   */
  public double accumulates(double[] told) {
    double sum = 0;
    for (OfSpikes convolution : ofSpikes) {
      sum += convolution.work().accumulates(rates.of(convolution.input(), told));
    }
    return sum;
  }

  /** Modelled joules of a photo with so many accumulates. */
  public double joules(double accumulates) {
    return silentJoules + joulesOf(accumulates);
  }

  /** Weights inside the subset are integers. */
  private static double joulesOf(double accumulates) {
    return accumulates * PRICES.accumulate() * JOULES_PER_PICOJOULE;
  }
}
