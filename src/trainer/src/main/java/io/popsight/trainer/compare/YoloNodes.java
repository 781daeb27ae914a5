package io.popsight.trainer.compare;

import io.popsight.model.OnnxBuilder;
import io.popsight.model.Shape;
import io.popsight.trainer.compare.DarknetConfig.Section;
import java.util.List;

/** What a yolo layer computes, as nodes of an ONNX graph. */
final class YoloNodes {

  /** Centre and size of a box; objectness and the classes follow. */
  private static final int BOX = 4;

  private final OnnxBuilder onnx;
  private final String name;
  private final Section section;
  private final Section network;

  /**
   * Nodes to be added.
   *
   * @param name of their output
   * @param section of the layer
   * @param network the section with the input's sides
   */
  YoloNodes(OnnxBuilder onnx, String name, Section section, Section network) {
    this.onnx = onnx;
    this.name = name;
    this.section = section;
    this.network = network;
  }

  /** Reads a map, makes an output [N, boxes, values] of rows as {@link DarknetRuntime} says. */
  void add(String map, Shape shape) {
    if (section.number("new_coords", 0) != 0) {
      throw section.refused("new_coords is not converted to ONNX");
    }
    List<Integer> mask = section.numbers("mask");
    int boxes = mask.size();
    int values = BOX + 1 + section.number("classes");
    if (shape.channels() != boxes * values) {
      throw section.refused(
          "%d channels for %d boxes of %d values".formatted(shape.channels(), boxes, values));
    }
    int cells = shape.rows() * shape.columns();
    onnx.integers(of("maps.shape"), 0, boxes, values, cells);
    onnx.add("Reshape", of("maps"), List.of(map, of("maps.shape")));
    onnx.add("Transpose", of("raw"), List.of(of("maps")), OnnxBuilder.numbers("perm", 0, 3, 1, 2));
    onnx.add("Sigmoid", of("shares"), List.of(of("raw")));
    centre(shape);
    size(mask);
    part("objectness", "shares", BOX, BOX + 1);
    part("classes", "shares", BOX + 1, values);
    onnx.add("Mul", of("scores"), List.of(of("classes"), of("objectness")));
    onnx.add(
        "Concat",
        of("boxes"),
        List.of(of("centre"), of("size"), of("objectness"), of("scores")),
        OnnxBuilder.number("axis", 3));
    onnx.integers(of("shape"), 0, -1, values);
    onnx.add("Reshape", name, List.of(of("boxes"), of("shape")));
    onnx.output(name, (long) cells * boxes, values);
  }

  private void centre(Shape shape) {
    float scale = section.real("scale_x_y", 1);
    float shift = (scale - 1) / 2;
    float[] corners = new float[shape.rows() * shape.columns() * 2];
    for (int cell = 0; cell * 2 < corners.length; cell++) {
      int row = cell / shape.columns();
      int column = cell % shape.columns();
      corners[cell * 2] = (column - shift) / shape.columns();
      corners[cell * 2 + 1] = (row - shift) / shape.rows();
    }
    part("offset", "shares", 0, 2);
    onnx.constant(of("cell"), new float[] {scale / shape.columns(), scale / shape.rows()}, 2);
    onnx.constant(of("corners"), corners, 1, corners.length / 2, 1, 2);
    onnx.add("Mul", of("offset.scaled"), List.of(of("offset"), of("cell")));
    onnx.add("Add", of("centre"), List.of(of("offset.scaled"), of("corners")));
  }

  private void size(List<Integer> mask) {
    List<Float> anchors = section.reals("anchors");
    float[] sides = new float[mask.size() * 2];
    for (int i = 0; i < mask.size(); i++) {
      int anchor = mask.get(i) * 2;
      if (anchor < 0 || anchor + 1 >= anchors.size()) {
        throw section.refused("there is no anchor %d".formatted(mask.get(i)));
      }
      sides[i * 2] = anchors.get(anchor) / network.count("width");
      sides[i * 2 + 1] = anchors.get(anchor + 1) / network.count("height");
    }
    part("growth", "raw", 2, BOX);
    onnx.constant(of("anchors"), sides, mask.size(), 2);
    onnx.add("Exp", of("factor"), List.of(of("growth")));
    onnx.add("Mul", of("size"), List.of(of("factor"), of("anchors")));
  }

  /** Some of the values of every box. */
  private void part(String part, String whole, int from, int to) {
    onnx.integers(of(part + ".from"), from);
    onnx.integers(of(part + ".to"), to);
    onnx.integers(of(part + ".axis"), 3);
    onnx.add(
        "Slice",
        of(part),
        List.of(of(whole), of(part + ".from"), of(part + ".to"), of(part + ".axis")));
  }

  private String of(String part) {
    return name + "." + part;
  }
}
