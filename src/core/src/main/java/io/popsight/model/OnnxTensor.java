package io.popsight.model;

import ai.onnx.proto.OnnxMl;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Constants of an ONNX file. Sizes are held against the bytes that are there before anything is
 * made.
 */
final class OnnxTensor {

  private OnnxTensor() {}

  static Weights weights(OnnxMl.TensorProto tensor) {
    if (tensor.getDimsCount() != 4 || tensor.getDims(2) != tensor.getDims(3)) {
      throw new ModelRefusedException(
          "weights must be [out, in, k, k], not " + tensor.getDimsList());
    }
    byte[] values = new byte[tensor.getRawData().size()];
    raw(tensor, 1).get(values);
    return new Weights(side(tensor, 0), side(tensor, 1), side(tensor, 2), values);
  }

  /** One value a channel: every other dimension is 1. */
  static float[] perChannel(OnnxMl.TensorProto tensor) {
    if (tensor.getDimsCount() == 4 && tensor.getDims(0) > 1) {
      throw new ModelRefusedException(
          "float weights; only the onnx backend runs them, popcount those of 1, 2, 4 or 8 bits");
    }
    int channels = 1;
    for (int d = 0; d < tensor.getDimsCount(); d++) {
      if (tensor.getDims(d) != 1) {
        if (channels != 1 || tensor.getDimsCount() - d != 3) {
          throw new ModelRefusedException(
              "constants must be [1, channels, 1, 1], not " + tensor.getDimsList());
        }
        channels = side(tensor, d);
      }
    }
    return floats(tensor);
  }

  /** Doubles, one value a channel. */
  static double[] doubles(OnnxMl.TensorProto tensor) {
    if (tensor.getDimsCount() != 4
        || tensor.getDims(0) != 1
        || tensor.getDims(2) != 1
        || tensor.getDims(3) != 1) {
      throw new ModelRefusedException(
          "constants must be [1, channels, 1, 1], not " + tensor.getDimsList());
    }
    DoubleBuffer raw = raw(tensor, Double.BYTES).asDoubleBuffer();
    double[] values = new double[raw.remaining()];
    raw.get(values);
    return values;
  }

  /** All values of a tensor whose size has been looked at. */
  static float[] floats(OnnxMl.TensorProto tensor) {
    FloatBuffer raw = raw(tensor, Float.BYTES).asFloatBuffer();
    float[] values = new float[raw.remaining()];
    raw.get(values);
    return values;
  }

  static List<Long> axes(OnnxMl.TensorProto tensor) {
    if (tensor.getDimsCount() != 1 || tensor.getDims(0) > 8) {
      throw new ModelRefusedException("axes must be a short list, not " + tensor.getDimsList());
    }
    ByteBuffer raw = raw(tensor, Long.BYTES);
    List<Long> axes = new ArrayList<>();
    while (raw.hasRemaining()) {
      axes.add(raw.getLong());
    }
    return List.copyOf(axes);
  }

  /** The values as the file has them, held against the dimensions. */
  private static ByteBuffer raw(OnnxMl.TensorProto tensor, int bytesEach) {
    long values = 1;
    for (long dim : tensor.getDimsList()) {
      if (dim < 1 || dim > ModelFile.MAX_BYTES || values > ModelFile.MAX_BYTES) {
        throw new ModelRefusedException("dimensions " + tensor.getDimsList());
      }
      values *= dim;
    }
    if (tensor.getRawData().size() != values * bytesEach) {
      throw new ModelRefusedException(
          "dimensions %s need %d raw bytes, there are %d"
              .formatted(tensor.getDimsList(), values * bytesEach, tensor.getRawData().size()));
    }
    return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A side of a tensor that is at least 1. */
  static int side(OnnxMl.TensorProto tensor, int dimension) {
    long side = tensor.getDims(dimension);
    if (side < 1 || side > ModelMetadata.MAX_SIDE) {
      throw new ModelRefusedException("dimensions " + tensor.getDimsList());
    }
    return (int) side;
  }
}
