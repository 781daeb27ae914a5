package io.popsight.service.oip;

/** Element types that the views use; raw data is little-endian. */
public enum Datatype {
  UINT8(1),
  INT64(8),
  FP32(4),
  /** A four-byte length and as many bytes, each element. */
  BYTES(0);

  private final int size;

  Datatype(int size) {
    this.size = size;
  }

  /** Bytes an element; 0 where elements have their own lengths. */
  public int size() {
    return size;
  }

  /** Triton's name in a model's configuration. */
  public String configName() {
    return this == BYTES ? "TYPE_STRING" : "TYPE_" + name();
  }
}
