package io.popsight.service.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.popsight.backend.Helpers;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ModelLoaderTest {

  @Test
  void unknownBackend_endsTheStartWithItsKey() {
    assertThatThrownBy(() -> loader("abacus"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("popsight.backend: unknown backend 'abacus'; there are onnx, popcount");
    assertThatThrownBy(() -> loader("popcount", settings("abacus", "auto")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "popsight.per-model (street).backend: unknown backend 'abacus'; there are onnx,"
                + " popcount");
  }

  @Test
  void unknownKernels_endTheStartWithTheirKey() {
    assertThatThrownBy(() -> loader("popcount", settings(null, "vectors")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "popsight.per-model (street).kernels: unknown kernels 'vectors'; there are auto,"
                + " scalar, vector, events");
  }

  private static ModelSettings settings(@Nullable String backend, String kernels) {
    return new ModelSettings("street", backend, 0, kernels, null, null, List.of(), 1);
  }

  private static ModelLoader loader(String backend, ModelSettings... settings) {
    return ModelLoader.of(backend, List.of(settings), Helpers.NONE, served -> {}, Optional.empty());
  }
}
