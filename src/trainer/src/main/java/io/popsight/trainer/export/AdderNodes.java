package io.popsight.trainer.export;

import io.popsight.model.OnnxBuilder;
import io.popsight.trainer.network.LayerPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * Minus the sum of absolute differences, which ONNX has no operator for: a difference, its
 * magnitude and their sum over the channels for each place of the kernel.
 */
final class AdderNodes {

  private static final int ROWS = 3;
  private static final int COLUMNS = 4;

  private AdderNodes() {}

  /**
   * Adds the nodes of a layer.
   *
   * @param name of the sums, [N, out, rows, columns]
   * @param weights layout [out][in][row][column]
   */
  static void add(OnnxBuilder onnx, String name, String input, LayerPlan plan, float[] weights) {
    int kernel = plan.kernel();
    int border = kernel / 2;
    onnx.integers(name + ".border", 0, 0, border, border, 0, 0, border, border);
    onnx.integers(name + ".features", 1);
    onnx.integers(name + ".channels", 2);
    onnx.integers(name + ".axes", ROWS, COLUMNS);
    onnx.integers(name + ".strides", plan.stride(), plan.stride());
    onnx.add("Pad", name + ".padded", List.of(input, name + ".border"));
    onnx.add("Unsqueeze", name + ".map", List.of(name + ".padded", name + ".features"));
    List<String> parts = new ArrayList<>();
    for (int place = 0; place < kernel * kernel; place++) {
      String part = "%s.place%d".formatted(name, place);
      int row = place / kernel;
      int column = place % kernel;
      onnx.integers(part + ".from", row, column);
      onnx.integers(part + ".to", end(row, kernel), end(column, kernel));
      onnx.add(
          "Slice",
          part + ".values",
          List.of(name + ".map", part + ".from", part + ".to", name + ".axes", name + ".strides"));
      onnx.constant(
          part + ".weights",
          at(weights, place, kernel * kernel),
          1,
          plan.outChannels(),
          plan.inChannels(),
          1,
          1);
      onnx.add("Sub", part + ".differences", List.of(part + ".values", part + ".weights"));
      onnx.add("Abs", part + ".magnitudes", List.of(part + ".differences"));
      onnx.add(
          "ReduceSum",
          part,
          List.of(part + ".magnitudes", name + ".channels"),
          OnnxBuilder.number("keepdims", 0));
      parts.add(part);
    }
    onnx.add("Sum", name + ".distance", parts);
    onnx.add("Neg", name, List.of(name + ".distance"));
  }

  /** Counted from the map's far edge, where there is anything behind the last value. */
  private static long end(int place, int kernel) {
    return place == kernel - 1 ? Long.MAX_VALUE : place - (kernel - 1);
  }

  private static float[] at(float[] weights, int place, int places) {
    float[] values = new float[weights.length / places];
    for (int i = 0; i < values.length; i++) {
      values[i] = weights[i * places + place];
    }
    return values;
  }
}
