package io.popsight.service.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.RandomModels;
import io.popsight.model.SpikeRates;
import java.nio.file.Path;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationsTest {

  private static final Percentage ROUNDED = withinPercentage(1e-9);

  @Test
  void photo_isCountedAsWorkedOutByHand() {
    Operations operations = new Operations(TinyModel.file(0.25), TinyModel.GRAPH);

    assertThat(operations.multiplyAccumulates()).isEqualTo(768);
    assertThat(operations.accumulates(new double[] {0})).isZero();
    assertThat(operations.accumulates(new double[] {0.5})).isEqualTo(640);
    assertThat(operations.accumulates(new double[] {1})).isEqualTo(1280);
  }

  /**
   * 8-bit multiplying and adding 0.3 pJ, adding and comparing 0.1 pJ, a byte 12.5 pJ: 12 weights of
   * 4 bits and 20 of 1, 192 values of the photo of 8 bits, 256 units written and read and 320 sums
   * written, of 1 bit each.
   */
  @Test
  void photo_isPricedAsWorkedOutByHand() {
    double bytes = (12 * 4 + 20 + 192 * 8 + 256 + 256 + 320) / 8.0;

    assertThat(new Operations(TinyModel.file(0.25), TinyModel.GRAPH).joules(640))
        .isCloseTo((768 * 0.3 + 640 * 0.1 + 576 * 0.1 + bytes * 12.5) * 1e-12, within(1e-20));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void photoThatFiresAsTheTrainings_costsWhatInspectSays(long seed) {
    assertCostsWhatInspectSays(ModelFile.parse(RandomModels.file(seed)));
  }

  /** Its neck reads maps that nobody counts, made of those of counted layers. */
  @Test
  void shippedModel_costsWhatInspectSays() {
    assertCostsWhatInspectSays(ModelFile.read(Path.of("../../models/popsight-street.onnx")));
  }

  private static void assertCostsWhatInspectSays(ModelFile file) {
    Operations operations = new Operations(file, graph(file));
    EnergyAccounting inspected = new EnergyAccounting(file);

    double accumulates = operations.accumulates(SpikeRates.ofTraining(file.metadata()));

    assertThat(operations.multiplyAccumulates()).isEqualTo(inspected.stemMacs());
    assertThat(accumulates).isCloseTo(inspected.accumulates(), ROUNDED);
    assertThat(1e6 * operations.joules(accumulates))
        .isCloseTo(inspected.networks(EnergyTable.NM45).getFirst().microjoules(), ROUNDED);
  }

  private static ModelGraph graph(ModelFile file) {
    return file.network() instanceof ModelFile.Network.Typed(ModelGraph graph)
        ? graph
        : failed(file);
  }

  private static ModelGraph failed(ModelFile file) {
    throw new AssertionError(file.network());
  }
}
