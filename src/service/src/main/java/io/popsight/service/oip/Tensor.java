package io.popsight.service.oip;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A tensor as it goes over the wire.
 *
 * @param name of the input or output
 * @param datatype of its elements
 * @param shape no dimension negative
 * @param data the protocol's raw form: little-endian, row-major, no padding
 */
public record Tensor(String name, Datatype datatype, List<Long> shape, ByteBuffer data) {

  /** The data in the byte order of the protocol. */
  public Tensor {
    data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  static Tensor floats(String name, List<Long> shape, float[] values) {
    ByteBuffer data = buffer(values.length * Float.BYTES);
    data.asFloatBuffer().put(values);
    return new Tensor(name, Datatype.FP32, shape, data);
  }

  static Tensor longs(String name, List<Long> shape, long[] values) {
    ByteBuffer data = buffer(values.length * Long.BYTES);
    data.asLongBuffer().put(values);
    return new Tensor(name, Datatype.INT64, shape, data);
  }

  /** Elements with their lengths before them. */
  public static Tensor bytes(String name, List<Long> shape, Collection<byte[]> elements) {
    long size = elements.stream().mapToLong(element -> Integer.BYTES + element.length).sum();
    ByteBuffer data = buffer(Math.toIntExact(size));
    elements.forEach(element -> data.putInt(element.length).put(element));
    return new Tensor(name, Datatype.BYTES, shape, data.flip());
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Elements that the shape says. */
  public long count() {
    return count(shape);
  }

  static long count(List<Long> shape) {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /**
   * The elements of a BYTES tensor.
   *
   * @throws RefusedException if the lengths lie
   */
  List<byte[]> elements() {
    List<byte[]> elements = new ArrayList<>();
    ByteBuffer rest = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (rest.hasRemaining()) {
      if (rest.remaining() < Integer.BYTES) {
        throw lie("%d bytes are left where the length of an element belongs", rest.remaining());
      }
      int length = rest.getInt();
      if (length < 0 || length > rest.remaining()) {
        throw lie(
            "an element of %d bytes where %d are left",
            Integer.toUnsignedLong(length), rest.remaining());
      }
      byte[] element = new byte[length];
      rest.get(element);
      elements.add(element);
    }
    if (elements.size() != count()) {
      throw lie("shape %s, but %d elements", shape, elements.size());
    }
    return elements;
  }

  private RefusedException lie(String message, Object... values) {
    return new RefusedException(
        Refusal.INVALID_PARAMETER, "input '%s': ".formatted(name) + message.formatted(values));
  }
}
