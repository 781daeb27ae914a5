package io.popsight.service.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.popsight.model.HeadMap;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.Node;
import io.popsight.model.Shape;
import io.popsight.model.SpikeLayer;
import io.popsight.model.Training;
import io.popsight.model.Weights;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A stem of 4 channels on 8 x 8 pixels, 1x1, a quarter of whose units fire, and a head of 5
 * channels on it: 8 * 8 * 3 * 4 = 768 multiply-accumulates and 8 * 8 * 4 * 5 = 1280 of spikes, of
 * which 320 meet a one; 256 + 320 units are compared.
 */
class EnergyAccountingTest {

  private static final EnergyTable E = EnergyTable.NM45;

  private final EnergyAccounting accounting = new EnergyAccounting(file(0.25));

  @Test
  void operations_areCountedAsWorkedOutByHand() {
    assertThat(accounting.stemMacs()).isEqualTo(768);
    assertThat(accounting.accumulates()).isEqualTo(320);
    assertThat(accounting.notBinaryShare())
        .isCloseTo((768 + 576) / (768 + 320 + 576.0), within(1e-12));
  }

  @Test
  void energy_isTheSumOfItsTerms() {
    EnergyAccounting.Network bann = accounting.networks(E).getFirst();
    EnergyAccounting.Network twin = accounting.networks(E).getLast();

    assertThat(bann.computeMicrojoules())
        .isCloseTo((768 * 0.3 + 320 * 0.1 + 576 * 0.1) * 1e-6, within(1e-15));
    assertThat(twin.computeMicrojoules())
        .isCloseTo(((768 + 1280) * 4.6 + 576 * 0.1) * 1e-6, within(1e-15));
    // 12 + 20 weights, the photo's 192 values once, 256 units written and read, 320 sums written.
    assertThat(twin.bytes()).isEqualTo(4 * (12 + 20 + 192 + 256 + 256 + 320));
    assertThat(twin.memoryMicrojoules()).isCloseTo(twin.bytes() * 12.5e-6, within(1e-12));
    assertThat(twin.microjoules()).isGreaterThan(bann.microjoules());
  }

  @Test
  void moreSpikesOrSteps_costMore() {
    EnergyAccounting busy = new EnergyAccounting(file(0.5));

    assertThat(busy.networks(E).getFirst().microjoules())
        .isGreaterThan(accounting.networks(E).getFirst().microjoules());
    assertThat(accounting.networks(E))
        .filteredOn(n -> n.name().startsWith("SNN"))
        .extracting(EnergyAccounting.Network::microjoules)
        .isSorted()
        .first()
        .satisfies(
            two -> assertThat(two).isGreaterThan(accounting.networks(E).getFirst().microjoules()));
  }

  private static ModelFile file(double rate) {
    byte[] stem = new byte[12];
    Arrays.fill(stem, (byte) 3);
    byte[] head = new byte[20];
    Arrays.fill(head, (byte) 1);
    ModelGraph graph =
        new ModelGraph(
            List.of(
                new Node.Pixels("photo", new Shape(3, 8, 8), 128),
                new Node.Convolution("stem.sum", "photo", new Weights(4, 3, 1, stem), 1, 0),
                new Node.Spikes("stem", "stem.sum", new int[4]),
                new Node.Convolution("head", "stem", new Weights(5, 4, 1, head), 1, 0)),
            List.of("head"),
            List.of("stem"));
    ModelMetadata metadata =
        new ModelMetadata(
            ModelMetadata.FORMAT,
            "tiny",
            "1",
            List.of("thing"),
            8,
            8,
            ModelMetadata.ANCHOR_FREE,
            List.of(new HeadMap(1, 8, 8, new float[5], new float[5])),
            List.of(new SpikeLayer("stem", 4, 8, 8, 768, rate)),
            0.3f,
            0.5f,
            new Training("none", "none", 1, 1, "none", 0, 0));
    return new ModelFile(new byte[0], metadata, new ModelFile.Network.Typed(graph));
  }
}
