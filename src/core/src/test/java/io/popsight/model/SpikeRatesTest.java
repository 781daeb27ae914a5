package io.popsight.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Two layers of 2 and 6 channels beside each other on 8 x 8 pixels, and what is made of them. */
class SpikeRatesTest {

  private static final List<Node> NODES =
      List.of(
          new Node.Pixels("photo", new Shape(3, 8, 8), 0),
          new Node.Convolution("a.sum", "photo", new Weights(2, 3, 1, new byte[6]), 1, 0),
          new Node.Spikes("a", "a.sum", new int[2]),
          new Node.Convolution("b.sum", "photo", new Weights(6, 3, 1, new byte[18]), 1, 0),
          new Node.Spikes("b", "b.sum", new int[6]),
          new Node.OrPool("a.pool", "a", 2, 2),
          new Node.OrPool("b.pool", "b", 2, 2),
          new Node.Upsample("a.up", "a.pool", 2),
          new Node.Concat("both", List.of("a.pool", "b.pool")));

  @Test
  void countedLayers_areAsTold() {
    SpikeRates rates = of("b", "a");

    assertThat(rates.of("b", new double[] {0.25, 0.5})).isEqualTo(0.25);
    assertThat(rates.of("a", new double[] {0.25, 0.5})).isEqualTo(0.5);
  }

  /** Three quarters silent, four pixels: 0.75^4 = 81 / 256 of the windows are. */
  @Test
  void pool_isSilentWhereAllOfItsPixelsAre() {
    SpikeRates rates = of("a");

    assertThat(rates.of("a.pool", new double[] {0.25})).isEqualTo(175 / 256.0);
    assertThat(rates.of("a.up", new double[] {0.25})).isEqualTo(175 / 256.0);
    assertThat(rates.of("a.pool", new double[] {0})).isZero();
    assertThat(rates.of("a.pool", new double[] {1})).isEqualTo(1);
  }

  /** 2 channels of 0.25, pooled 175/256, beside 6 of 0.5, pooled 15/16. */
  @Test
  void mapsBesideEachOther_weighByTheirChannels() {
    assertThat(of("a", "b").of("both", new double[] {0.25, 0.5}))
        .isCloseTo((2 * 175 / 256.0 + 6 * 15 / 16.0) / 8, within(1e-12));
  }

  @Test
  void spikesBeforeACountedPool_areDerivedFromIt() {
    SpikeRates rates = of("a.pool");

    assertThat(rates.of("a", new double[] {175 / 256.0})).isCloseTo(0.25, within(1e-12));
    assertThat(rates.of("a", new double[] {0})).isZero();
    assertThat(rates.of("a", new double[] {1})).isEqualTo(1);
  }

  @Test
  void nothingCounted_isDense() {
    SpikeRates rates = of("a");
    double[] silent = {0};

    assertThat(rates.of("photo", silent)).isEqualTo(1);
    assertThat(rates.of("b", silent)).isEqualTo(1);
    assertThat(rates.of("b.pool", silent)).isEqualTo(1);
    assertThat(rates.of("both", silent)).isEqualTo(6 / 8.0);
  }

  private static SpikeRates of(String... counted) {
    return new SpikeRates(new ModelGraph(NODES, List.of(), List.of(counted)));
  }
}
