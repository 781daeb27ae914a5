package io.popsight.service.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WholeFileTest {

  private static final byte[] CONTENT = {1, 2, 3};

  @TempDir private Path folder;

  @Test
  void takesThePlaceOfALongerOne_inAFolderThatIsMade() throws IOException {
    Path file = folder.resolve("new/file");
    new WholeFile(file).write(new byte[100]);

    new WholeFile(file).write(CONTENT);

    assertThat(file).hasBinaryContent(CONTENT);
  }

  /** As are {@code /dev/stdout} and its like. */
  @Test
  void link_isWrittenThrough() throws IOException {
    Path file = folder.resolve("file");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);

    new WholeFile(link).write(CONTENT);

    assertThat(link).isSymbolicLink();
    assertThat(file).hasBinaryContent(CONTENT);
  }

  @Test
  void fullDisk_isToldWithTheFile() {
    Path full = Path.of("/dev/full");

    assertThatThrownBy(() -> new WholeFile(full).write(CONTENT))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("/dev/full: ");
    assertThat(full).exists();
  }
}
