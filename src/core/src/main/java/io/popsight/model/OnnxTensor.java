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

  /** What a constant may stand for. */
  static OnnxValue value(OnnxMl.TensorProto tensor) {
    return switch (OnnxMl.TensorProto.DataType.forNumber(tensor.getDataType())) {
      case INT8 -> new OnnxValue.Constant(weights(tensor), false);
      case FLOAT -> floatValue(tensor);
      case DOUBLE -> new OnnxValue.Doubles(doubles(tensor));
      case INT64 -> new OnnxValue.Axes(axes(tensor));
      case null, default ->
          throw new ModelRefusedException(
              "data type %d is outside the subset".formatted(tensor.getDataType()));
    };
  }

  private static OnnxValue floatValue(OnnxMl.TensorProto tensor) {
    if (tensor.getDimsList().equals(List.of(4L))) {
      return new OnnxValue.Scales(floats(tensor));
    }
    return tensor.getDimsCount() == 4 && tensor.getDims(0) > 1
        ? new OnnxValue.Constant(folded(tensor), true)
        : new OnnxValue.Numbers(perChannel(tensor));
  }

  /** Weights whose cast a tool has folded into them. */
  private static Weights folded(OnnxMl.TensorProto tensor) {
    float[] floats = floats(tensor);
    byte[] values = new byte[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) floats[i];
      if (values[i] != floats[i]) {
        throw new ModelRefusedException(
            "float weights; only the onnx backend runs them, popcount those of 1, 2, 4 or 8 bits");
      }
    }
    return weights(tensor, values);
  }

  static Weights weights(OnnxMl.TensorProto tensor) {
    ByteBuffer raw = raw(tensor, Byte.BYTES);
    byte[] values = new byte[raw.remaining()];
    raw.get(values);
    return weights(tensor, values);
  }

  private static Weights weights(OnnxMl.TensorProto tensor, byte[] values) {
    if (tensor.getDimsCount() != 4 || tensor.getDims(2) != tensor.getDims(3)) {
      throw new ModelRefusedException(
          "weights must be [out, in, k, k], not " + tensor.getDimsList());
    }
    return new Weights(side(tensor, 0), side(tensor, 1), side(tensor, 2), values);
  }

  /** One value a channel: every other dimension is 1. */
  private static float[] perChannel(OnnxMl.TensorProto tensor) {
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
  private static double[] doubles(OnnxMl.TensorProto tensor) {
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

  private static List<Long> axes(OnnxMl.TensorProto tensor) {
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
    if (tensor.getDataLocation() == OnnxMl.TensorProto.DataLocation.EXTERNAL) {
      throw new ModelRefusedException("its values are in a file beside; want them in this one");
    }
    long there = tensor.hasRawData() ? tensor.getRawData().size() : typed(tensor) * bytesEach;
    if (there != values * bytesEach) {
      throw new ModelRefusedException(
          "dimensions %s need %d bytes, there are %d"
              .formatted(tensor.getDimsList(), values * bytesEach, there));
    }
    return tensor.hasRawData()
        ? tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN)
        : packed(tensor, (int) there);
  }

  /** How many values stand in the field of their type, where ONNX's Python package has them. */
  private static long typed(OnnxMl.TensorProto tensor) {
    return switch (OnnxMl.TensorProto.DataType.forNumber(tensor.getDataType())) {
      case INT8 -> tensor.getInt32DataCount();
      case FLOAT -> tensor.getFloatDataCount();
      case DOUBLE -> tensor.getDoubleDataCount();
      case INT64 -> tensor.getInt64DataCount();
      case null, default -> 0;
    };
  }

  private static ByteBuffer packed(OnnxMl.TensorProto tensor, int bytes) {
    ByteBuffer packed = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (OnnxMl.TensorProto.DataType.forNumber(tensor.getDataType())) {
      case INT8 -> tensor.getInt32DataList().forEach(value -> packed.put(value.byteValue()));
      case FLOAT -> tensor.getFloatDataList().forEach(packed::putFloat);
      case DOUBLE -> tensor.getDoubleDataList().forEach(packed::putDouble);
      case INT64 -> tensor.getInt64DataList().forEach(packed::putLong);
      case null, default -> {}
    }
    return packed.flip();
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
