package io.popsight.engine.plan;

import io.popsight.engine.bits.BitMap;
import io.popsight.engine.conv.ConvolutionShape;
import io.popsight.engine.conv.Processor;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.SpikeRates;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Chooses between counting and going event by event: by an estimate where that leaves no doubt,
 * else by a race on random spikes at the rate of the training photos, unless it was run before.
 */
final class EventChoice {

  /** An estimate is off by less than this factor. */
  private static final double DOUBT = 1.3;

  // What going event by event costs, in additions of a weight to a channel's sum.
  private static final double LISTING_A_BIT = 23;
  private static final double ENDING_A_CHANNEL = 19;
  private static final double UNPACKING_A_WEIGHT = 3.2;

  private static final int SEED = 1;

  private final ModelGraph graph;
  private final SpikeRates rates;
  private final double[] training;
  private final RaceResults results;
  private final KernelRace race = new KernelRace();

  EventChoice(ModelGraph graph, ModelMetadata metadata, RaceResults results) {
    this.graph = graph;
    this.rates = new SpikeRates(graph);
    this.training = SpikeRates.ofTraining(metadata);
    this.results = results;
  }

  /**
   * The faster kernel of a convolution.
   *
   * @param counting makes the one that counts
   * @param events makes the other
   */
  SpikeKernel of(
      Node.Convolution convolution,
      ConvolutionShape shape,
      Supplier<SpikeKernel> counting,
      Supplier<SpikeKernel> events) {
    Shape input = graph.shape(convolution.input());
    double rate = rates.of(convolution.input(), training);
    int bits = convolution.weights().bits();
    int taps = shape.kernel() * shape.kernel();
    double channels = shape.output().channels();
    double words = channels * bits * taps * BitMap.wordsFor(input.channels());
    double counted = words * Processor.wordCost() + channels * Processor.countsCost();
    double ones = rate * input.channels() * taps;
    double unpacking = bits < Byte.SIZE ? UNPACKING_A_WEIGHT : 0;
    double pixels = (double) shape.output().rows() * shape.output().columns();
    double added =
        ones * channels
            + listed(shape, bits, input) * LISTING_A_BIT
            + channels * ENDING_A_CHANNEL
            + channels * input.channels() * taps * unpacking / pixels;
    boolean estimate = added < counted;
    if (counted > DOUBT * added || added > DOUBT * counted) {
      return (estimate ? events : counting).get();
    }
    Optional<Boolean> known = results.of(convolution.name());
    if (known.isPresent() || race.isOver()) {
      return (known.orElse(estimate) ? events : counting).get();
    }
    SpikeKernel one = events.get();
    SpikeKernel other = counting.get();
    Optional<Boolean> won = wins(one, other, input, shape, rate);
    won.ifPresent(faster -> results.add(convolution.name(), faster));
    return won.orElse(estimate) ? one : other;
  }

  /** Bits that are looked at for a window: of columns and rows that none before it has seen. */
  private static double listed(ConvolutionShape shape, int bits, Shape input) {
    int rows = shape.sharesOnes(bits) ? 1 : shape.kernel();
    return (double) input.channels() * shape.stride() * rows;
  }

  private Optional<Boolean> wins(
      SpikeKernel one, SpikeKernel other, Shape input, ConvolutionShape shape, double rate) {
    int columns = shape.output().columns();
    RowSize size = RowSize.NONE.andAlso(columns * shape.sumsPerPixel(), columns);
    BitMap spikes = BitMap.random(input, shape.padding(), rate, new Random(SEED));
    return race.firstWins(
        one.convolution(), other.convolution(), spikes, size, shape.output().rows());
  }
}
