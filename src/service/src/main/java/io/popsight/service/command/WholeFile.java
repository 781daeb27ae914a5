package io.popsight.service.command;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file that is there as a whole, or as it was before; what is no file, or a link, is written to.
 */
record WholeFile(Path path) {

  void write(byte[] content) throws IOException {
    Path file = path.toAbsolutePath();
    if (Files.exists(file) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.write(file, content);
      return;
    }
    Files.createDirectories(file.getParent());
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.write(part, content);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // Of a full disk Java says only that.
      throw new IOException("%s: %s".formatted(path, e.getMessage()), e);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
