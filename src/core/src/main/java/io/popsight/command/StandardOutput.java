package io.popsight.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/**
 * The output of a command, which remembers why it could not be written. A {@link PrintWriter}
 * itself, and {@link System#out}, know only that.
 */
public final class StandardOutput extends PrintWriter {

  private final Remembering stream;

  /** The process's own. */
  public StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  StandardOutput(OutputStream to) {
    this(new Remembering(to));
  }

  private StandardOutput(Remembering stream) {
    super(new OutputStreamWriter(stream, System.out.charset()), true);
    this.stream = stream;
  }

  /** Why not all was written; empty where that is not known. */
  String failure() {
    return stream.failure == null ? "" : String.valueOf(stream.failure.getMessage());
  }

  private static final class Remembering extends FilterOutputStream {

    private @Nullable IOException failure;

    Remembering(OutputStream to) {
      super(to);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        out.write(bytes, from, length);
      } catch (IOException e) {
        failure = failure == null ? e : failure;
        throw e;
      }
    }
  }
}
