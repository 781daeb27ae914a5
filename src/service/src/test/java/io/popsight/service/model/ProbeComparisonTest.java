package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.BackendSettings;
import io.popsight.backend.Backends;
import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.backend.SpikeMap;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelMetadata;
import io.popsight.model.RandomModels;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ProbeComparisonTest {

  private final ModelFile file = ModelFile.parse(RandomModels.file(3));
  private final ProbeComparison comparison =
      new ProbeComparison(new PhotoDecoder(PhotoLimits.DEFAULT));

  @Test
  void sameIntegers_areNoDifference() {
    try (ServedModel popcount = served(compiled("popcount"));
        ServedModel onnx = served(compiled("onnx"))) {
      assertThat(comparison.difference(popcount, onnx)).isEmpty();
    }
  }

  @Test
  void spikeMore_namesTheLayer() {
    int last = file.metadata().spikeLayers().size() - 1;
    try (ServedModel right = served(compiled("popcount"));
        ServedModel wrong = served(new Wrong(scratch -> scratch.spikeCounts()[last][0]++))) {
      assertThat(comparison.difference(right, wrong))
          .hasValueSatisfying(
              place ->
                  assertThat(place)
                      .contains("layer " + file.metadata().spikeLayers().get(last).name()));
    }
  }

  @Test
  void otherSum_namesTheHeadAndTheCell() {
    int channels = file.metadata().heads().getFirst().channels();
    try (ServedModel right = served(compiled("popcount"));
        ServedModel wrong = served(new Wrong(scratch -> scratch.headSums()[0][channels + 2]--))) {
      assertThat(comparison.difference(right, wrong))
          .hasValueSatisfying(
              place ->
                  assertThat(place)
                      .contains(file.metadata().heads().getFirst().sumOutput())
                      .contains("cell 1, channel 2"));
    }
  }

  private ServedModel served(CompiledModel compiled) {
    return new ServedModel(
        "a backend",
        compiled,
        ModelSettings.none(compiled.metadata().name()),
        ModelFacts.of(file, 0));
  }

  private CompiledModel compiled(String backend) {
    return Backends.installed().open(backend, BackendSettings.DEFAULT).compile(file);
  }

  /** The popcount engine with a fault. */
  private final class Wrong implements CompiledModel {

    private final CompiledModel right = compiled("popcount");
    private final Consumer<Scratch> fault;

    Wrong(Consumer<Scratch> fault) {
      this.fault = fault;
    }

    @Override
    public ModelMetadata metadata() {
      return right.metadata();
    }

    @Override
    public String kernels() {
      return right.kernels();
    }

    @Override
    public Scratch newScratch(int maxBatch) {
      return right.newScratch(maxBatch);
    }

    @Override
    public void run(Scratch scratch, int batch) {
      right.run(scratch, batch);
      fault.accept(scratch);
    }

    @Override
    public List<SpikeMap> spikeMaps(Scratch scratch) {
      return right.spikeMaps(scratch);
    }

    @Override
    public void close() {
      right.close();
    }
  }
}
