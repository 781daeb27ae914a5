package io.popsight.service.energy;

import static org.assertj.core.api.Assertions.assertThat;

import io.popsight.backend.PlanStep;
import io.popsight.model.ModelFile;
import io.popsight.model.SpikeLayer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnergyReportTest {

  private static final ModelFile CELLS =
      ModelFile.read(Path.of("../../models/popsight-cells.onnx"));

  @ParameterizedTest
  @CsvSource({"0.3, counts bits, AND + popcount", "0.7, goes event by event, a sum a spike"})
  void measuredTime_isHeldBesideTheRowOfWhatMostStepsDo(
      double events, String does, String comparedWith) {
    EnergyReport report =
        new EnergyReport(
            new EnergyAccounting(CELLS), new MeasuredTime("popcount", 1, steps(events)));

    assertThat(report.text(EnergyTable.NM45).lines().toList().getLast())
        .startsWith("which ")
        .contains(does)
        .contains("compare the row of " + comparedWith + ",");
  }

  /** A step a layer, of which a share goes event by event; the stem never does. */
  private static List<MeasuredTime.TimedStep> steps(double events) {
    List<SpikeLayer> layers = CELLS.metadata().spikeLayers();
    List<MeasuredTime.TimedStep> steps = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      String how = l > 0 && l <= events * layers.size() ? ", event by event" : "";
      PlanStep step =
          new PlanStep("step" + l, "1-bit 3x3" + how + ", fire", 1, List.of(layers.get(l).name()));
      steps.add(new MeasuredTime.TimedStep(step, 1));
    }
    return steps;
  }
}
