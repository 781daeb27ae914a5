package io.popsight.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.popsight.model.HeadMap;
import io.popsight.model.ModelMetadata;
import io.popsight.model.ModelRefusedException;
import io.popsight.model.OnnxBuilder;
import io.popsight.model.SpikeLayer;
import java.util.Arrays;
import java.util.Map;

/** Whether a graph takes and gives what the metadata says: sums are read by their place. */
final class OnnxSignature {

  /** Of a side that is known only when the graph runs. */
  private static final long UNKNOWN = -1;

  private OnnxSignature() {}

  /**
   * Compares them.
   *
   * @throws ModelRefusedException naming the input or output, and both shapes
   * @throws OrtException if the session cannot tell
   */
  static void require(OrtSession session, ModelMetadata metadata) throws OrtException {
    requireTensor(
        "input",
        OnnxBuilder.INPUT,
        session.getInputInfo(),
        OnnxJavaType.UINT8,
        UNKNOWN,
        metadata.inputHeight(),
        metadata.inputWidth(),
        3);
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    for (HeadMap head : metadata.heads()) {
      requireTensor(
          "output",
          head.sumOutput(),
          outputs,
          OnnxJavaType.FLOAT,
          UNKNOWN,
          head.channels(),
          head.rows(),
          head.columns());
    }
    for (SpikeLayer layer : metadata.spikeLayers()) {
      requireTensor("output", layer.countOutput(), outputs, OnnxJavaType.FLOAT);
    }
  }

  /** Of any shape, where none is given. */
  private static void requireTensor(
      String kind, String name, Map<String, NodeInfo> infos, OnnxJavaType type, long... shape) {
    NodeInfo info = infos.get(name);
    if (info == null) {
      throw new ModelRefusedException(
          "the graph has no %s '%s'; it has %s".formatted(kind, name, infos.keySet()));
    }
    if (!(info.getInfo() instanceof TensorInfo tensor)
        || tensor.type != type
        || !(shape.length == 0 || fits(tensor.getShape(), shape))) {
      throw new ModelRefusedException(
          "%s '%s' of the graph is %s; the metadata says %s%s"
              .formatted(kind, name, info.getInfo(), type, Arrays.toString(shape)));
    }
  }

  private static boolean fits(long[] sides, long[] declared) {
    if (sides.length != declared.length) {
      return false;
    }
    for (int i = 0; i < sides.length; i++) {
      if (sides[i] != UNKNOWN && declared[i] != UNKNOWN && sides[i] != declared[i]) {
        return false;
      }
    }
    return true;
  }
}
