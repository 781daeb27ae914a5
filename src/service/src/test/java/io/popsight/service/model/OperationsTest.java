package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.RandomModels;
import io.popsight.model.SpikeLayer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationsTest {

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void accumulates_growWithTheSpikeRate(long seed) {
    ModelFile file = ModelFile.parse(RandomModels.file(seed));
    Operations operations = operations(file);

    double none = operations.accumulates(rates(file, layer -> 0.0));
    double some = operations.accumulates(rates(file, layer -> 0.5));
    double all = operations.accumulates(rates(file, layer -> 1.0));

    assertThat(some).as("layers that nobody counts are taken as dense").isBetween(none, all);
    assertThat(operations.multiplyAccumulates()).isPositive();
  }

  @Test
  void shippedModel_costsWhatItsLayersSay() {
    ModelFile file = ModelFile.read(Path.of("../../models/popsight-cells.onnx"));
    Operations operations = operations(file);
    List<SpikeLayer> layers = file.metadata().spikeLayers();

    double atTraining = operations.accumulates(rates(file, SpikeLayer::trainingRate));
    double dense = operations.accumulates(rates(file, layer -> 1.0));

    assertThat(atTraining / dense).as("a sparse network").isLessThan(0.5);
    assertThat(operations.multiplyAccumulates() + dense)
        .as("the layers and the heads")
        .isGreaterThan(layers.stream().mapToDouble(SpikeLayer::macs).sum());
    assertThat(Operations.joules(1e12, 1e12)).isCloseTo(5.5, within(1e-9));
  }

  private static Operations operations(ModelFile file) {
    return Operations.of(
        file.network() instanceof ModelFile.Network.Typed(ModelGraph graph) ? graph : failed(file));
  }

  private static ModelGraph failed(ModelFile file) {
    throw new AssertionError(file.network());
  }

  private static double[] rates(ModelFile file, ToDoubleFunction<SpikeLayer> rate) {
    return file.metadata().spikeLayers().stream().mapToDouble(rate).toArray();
  }
}
