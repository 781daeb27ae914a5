package io.popsight.onnx;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import io.popsight.model.ModelFile;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.SpikeLayer;

/**
 * The graph of a model file that also says where its layers fire: beside the output that counts all
 * ones of a layer stands one that counts those of each pixel.
 */
final class SpikeMapGraph {

  private static final String CHANNELS = "popsight.channels_axis";

  private SpikeMapGraph() {}

  /** Name of the output with the ones a pixel, float [N][rows][columns]. */
  static String output(SpikeLayer layer) {
    return "spike_map_" + layer.name();
  }

  /**
   * The file with these outputs.
   *
   * @throws ModelRefusedException if a layer's ones are not counted by a ReduceSum
   */
  static byte[] of(ModelFile file) {
    OnnxMl.ModelProto.Builder model;
    try {
      model = OnnxMl.ModelProto.parseFrom(file.bytes()).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new ModelRefusedException("not an ONNX file: " + e.getMessage(), e);
    }
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder();
    graph.addInitializer(
        OnnxMl.TensorProto.newBuilder()
            .setName(CHANNELS)
            .setDataType(OnnxMl.TensorProto.DataType.INT64_VALUE)
            .addDims(1)
            .addInt64Data(1));
    for (SpikeLayer layer : file.metadata().spikeLayers()) {
      graph.addNode(
          OnnxMl.NodeProto.newBuilder()
              .setName(output(layer))
              .setOpType("ReduceSum")
              .addInput(spikes(graph, layer))
              .addInput(CHANNELS)
              .addOutput(output(layer))
              .addAttribute(
                  OnnxMl.AttributeProto.newBuilder()
                      .setName("keepdims")
                      .setType(OnnxMl.AttributeProto.AttributeType.INT)
                      .setI(0)));
      graph.addOutput(
          OnnxMl.ValueInfoProto.newBuilder()
              .setName(output(layer))
              .setType(
                  OnnxMl.TypeProto.newBuilder()
                      .setTensorType(
                          OnnxMl.TypeProto.Tensor.newBuilder()
                              .setElemType(OnnxMl.TensorProto.DataType.FLOAT_VALUE))));
    }
    return model.build().toByteArray();
  }

  private static String spikes(OnnxMl.GraphProto.Builder graph, SpikeLayer layer) {
    return graph.getNodeList().stream()
        .filter(node -> node.getOpType().equals("ReduceSum"))
        .filter(node -> node.getOutputList().contains(layer.countOutput()))
        .map(node -> node.getInput(0))
        .findFirst()
        .orElseThrow(
            () ->
                new ModelRefusedException(
                    "where '%s' fires cannot be told: no ReduceSum makes '%s'"
                        .formatted(layer.name(), layer.countOutput())));
  }
}
