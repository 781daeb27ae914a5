package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import java.util.List;

/** A node of an ONNX file with checked access to its inputs and attributes. */
record OnnxNode(OnnxMl.NodeProto proto) {

  String type() {
    return proto.getDomain().isEmpty()
        ? proto.getOpType()
        : proto.getDomain() + "." + proto.getOpType();
  }

  int inputs() {
    return proto.getInputCount();
  }

  String input(int i) {
    refuse("input " + i + " (missing)", i >= proto.getInputCount());
    return proto.getInput(i);
  }

  String output() {
    refuse("number of outputs", proto.getOutputCount() != 1);
    return proto.getOutput(0);
  }

  long integer(String attribute, long otherwise) {
    return proto.getAttributeList().stream()
        .filter(a -> a.getName().equals(attribute))
        .mapToLong(OnnxMl.AttributeProto::getI)
        .findFirst()
        .orElse(otherwise);
  }

  String text(String attribute, String otherwise) {
    return proto.getAttributeList().stream()
        .filter(a -> a.getName().equals(attribute))
        .map(a -> a.getS().toStringUtf8())
        .findFirst()
        .orElse(otherwise);
  }

  List<Long> ints(String attribute, List<Long> otherwise) {
    return proto.getAttributeList().stream()
        .filter(a -> a.getName().equals(attribute))
        .map(OnnxMl.AttributeProto::getIntsList)
        .findFirst()
        .orElse(otherwise);
  }

  /** The constant of a node that is one. */
  OnnxMl.TensorProto constant() {
    return proto.getAttributeList().stream()
        .filter(a -> a.getName().equals("value"))
        .map(OnnxMl.AttributeProto::getT)
        .findFirst()
        .orElseThrow(() -> new ModelRefusedException("want a tensor as its value"));
  }

  /** The one value that all of an attribute's numbers have. */
  int allEqual(String attribute, int count, int otherwise) {
    List<Long> values = ints(attribute, List.of());
    if (values.isEmpty()) {
      return otherwise;
    }
    long value = values.getFirst();
    refuse(
        attribute,
        values.size() != count
            || value < 0
            || value > ModelMetadata.MAX_SIDE
            || values.stream().anyMatch(v -> v != value));
    return (int) value;
  }

  void refuse(String what, boolean condition) {
    if (condition) {
      throw new ModelRefusedException("its %s is outside the subset".formatted(what));
    }
  }
}
