package io.popsight.trainer.run;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FrozenLayersTest {

  private final FrozenLayers backbone = FrozenLayers.of(List.of("stem", "stage*"));

  @Test
  void freshHeads_mayLearn() {
    assertThatCode(() -> backbone.requireTaken("a.onnx", List.of("head8", "head16")))
        .doesNotThrowAnyException();
  }

  @Test
  void freshFrozenLayer_isRefusedByName() {
    assertThatThrownBy(
            () -> backbone.requireTaken("a.onnx", List.of("head8", "stage2.out", "stem")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "freeze: stage2.out, stem would stay random, because a.onnx has none");
    assertThatThrownBy(
            () -> backbone.requireTaken("a.pt", List.of("head8.bias", "stage2.out.binary")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("freeze: stage2.out would stay random, because a.pt has none");
  }
}
