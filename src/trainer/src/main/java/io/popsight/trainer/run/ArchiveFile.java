package io.popsight.trainer.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ArchiveWriter;

/**
 * Where libtorch writes an archive to. Its own file writer throws in a destructor where a disk is
 * full, which ends the whole process.
 */
final class ArchiveFile extends ArchiveWriter implements AutoCloseable {

  private final FileChannel channel;
  private Optional<IOException> failure = Optional.empty();

  ArchiveFile(Path file) throws IOException {
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
  }

  /** Called by libtorch. A failure is kept: an exception would meet the same destructor. */
  @Override
  public long call(Pointer data, long size) {
    if (failure.isEmpty()) {
      try (BytePointer bytes = new BytePointer(data)) {
        ByteBuffer buffer = bytes.position(0).capacity(size).asByteBuffer();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      } catch (IOException e) {
        failure = Optional.of(e);
      }
    }
    return size;
  }

  /**
   * Waits until the bytes are on the disk.
   *
   * @throws IOException if not all of them could be written
   */
  void finish() throws IOException {
    if (failure.isPresent()) {
      throw failure.get();
    }
    channel.force(true);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      super.close();
    }
  }
}
