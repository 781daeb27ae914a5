package io.popsight.trainer.export;

import io.popsight.model.Training;
import java.util.List;
import java.util.Map;

/** What a file of a test says of itself. */
public final class TestFacts {

  private TestFacts() {}

  /** Of a network that sees squares. */
  public static DetectorExport.Facts of(List<String> labels, int side) {
    return new DetectorExport.Facts(
        "test",
        "1",
        labels,
        side,
        side,
        0.3f,
        0.5f,
        new Training("none", "none", 7, 0, "none", 0, 0),
        Map.of());
  }
}
