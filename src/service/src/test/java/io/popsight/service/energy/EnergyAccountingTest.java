package io.popsight.service.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** A quarter of the stem's units fire, so 320 of 1280 multiply-accumulates of spikes meet a one. */
class EnergyAccountingTest {

  private static final EnergyTable E = EnergyTable.NM45;

  private final EnergyAccounting accounting = new EnergyAccounting(TinyModel.file(0.25));

  @Test
  void operations_areCountedAsWorkedOutByHand() {
    assertThat(accounting.stemMacs()).isEqualTo(768);
    assertThat(accounting.macs()).isEqualTo(768 + 1280);
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
    EnergyAccounting busy = new EnergyAccounting(TinyModel.file(0.5));

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
}
