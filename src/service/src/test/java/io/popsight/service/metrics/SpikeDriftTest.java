package io.popsight.service.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.service.detect.PhotoAnswer.SpikeRate;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpikeDriftTest {

  private static final List<SpikeRate> AS_TRAINED = layers(0.2, 0.1);

  @Test
  void photosAsInTraining_haveNone() {
    SpikeDrift drift = new SpikeDrift(AS_TRAINED);
    assertThat(drift.ofModel()).isZero();

    drift.seen(AS_TRAINED);

    assertThat(drift.ofModel()).isZero();
  }

  @Test
  void otherPhotos_showAndAreForgottenAgain() {
    SpikeDrift drift = new SpikeDrift(AS_TRAINED);
    for (int i = 0; i < 200; i++) {
      drift.seen(layers(0.4, 0.1));
    }
    assertThat(drift.ofLayer(0)).isCloseTo(1, within(1e-9));
    assertThat(drift.ofLayer(1)).isCloseTo(0, within(1e-9));
    assertThat(drift.ofModel()).isCloseTo(0.5, within(1e-9));

    for (int i = 0; i < 400; i++) {
      drift.seen(AS_TRAINED);
    }
    assertThat(drift.ofModel()).isCloseTo(0, within(1e-3));
  }

  @Test
  void fewPhotos_countAlike() {
    SpikeDrift drift = new SpikeDrift(AS_TRAINED);
    drift.seen(layers(0.4, 0.1));
    drift.seen(layers(0.2, 0.1));

    assertThat(drift.ofLayer(0)).isCloseTo(0.5, within(1e-9));
  }

  @Test
  void aLayerThatHardlyFires_hasNoDriftOfNothing() {
    List<SpikeRate> asTrained = List.of(new SpikeRate("dead", 0.0001, 0.0001));
    SpikeDrift drift = new SpikeDrift(asTrained);

    drift.seen(asTrained);
    assertThat(drift.ofModel()).isZero();

    drift.seen(List.of(new SpikeRate("dead", 0.0041, 0.0001)));
    assertThat(drift.ofModel()).isCloseTo(0.2, within(1e-9));
  }

  private static List<SpikeRate> layers(double first, double second) {
    return List.of(new SpikeRate("first", first, 0.2), new SpikeRate("second", second, 0.1));
  }
}
