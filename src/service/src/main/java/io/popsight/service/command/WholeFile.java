package io.popsight.service.command;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** A file that is written as a whole, or goes. */
record WholeFile(Path path) {

  void write(byte[] content) throws IOException {
    Path file = path.toAbsolutePath();
    Files.createDirectories(file.getParent());
    try {
      Files.write(file, content);
    } catch (FileSystemException e) {
      // It could not be opened.
      throw e;
    } catch (IOException e) {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(file);
      }
      // Of a full disk Java says only that.
      throw new IOException("%s: %s".formatted(path, e.getMessage()), e);
    }
  }
}
