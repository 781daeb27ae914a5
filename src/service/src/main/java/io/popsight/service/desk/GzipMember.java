package io.popsight.service.desk;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * What gzip packed, once: Java goes on to a next member by calling itself, so that many empty ones
 * fill the stack, and members of a byte each cost far more time than their bytes say.
 */
public final class GzipMember extends GZIPInputStream {

  private static final int BUFFER = 1 << 13;

  private boolean reading;

  /**
   * Over what was packed.
   *
   * @throws ZipException if it does not begin so
   */
  public GzipMember(InputStream packed) throws IOException {
    super(packed, BUFFER);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (reading) {
      throw new ZipException("more than one member");
    }
    reading = true;
    try {
      return super.read(bytes, offset, length);
    } finally {
      reading = false;
    }
  }
}
