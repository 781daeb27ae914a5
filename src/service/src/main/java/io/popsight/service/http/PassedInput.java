package io.popsight.service.http;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;

/** A body that is read through something; when there is more of it the container says as before. */
abstract class PassedInput extends ServletInputStream {

  private final ServletInputStream body;

  PassedInput(ServletInputStream body) {
    this.body = body;
  }

  @Override
  public abstract int read(byte[] bytes, int offset, int length) throws IOException;

  @Override
  public int read() throws IOException {
    byte[] next = new byte[1];
    return read(next, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(next[0]);
  }

  @Override
  public void close() throws IOException {
    body.close();
  }

  @Override
  public boolean isFinished() {
    return body.isFinished();
  }

  @Override
  public boolean isReady() {
    return body.isReady();
  }

  @Override
  public void setReadListener(ReadListener listener) {
    body.setReadListener(listener);
  }
}
