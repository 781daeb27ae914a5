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
  void takesThePlaceOfAnOlderFile_andLeavesNoPart() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "older and longer");

    new WholeFile(file).write(CONTENT);

    assertThat(file).hasBinaryContent(CONTENT);
    assertThat(folder).isDirectoryContaining("glob:**").isDirectoryNotContaining("glob:**.part");
  }

  /** As are {@code /dev/stdout} and its like. */
  @Test
  void link_isWrittenThrough() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);

    new WholeFile(link).write(CONTENT);

    assertThat(link).isSymbolicLink();
    assertThat(file).hasBinaryContent(CONTENT);
  }

  @Test
  void whatCannotBeWritten_leavesNothing() throws IOException {
    Path notEmpty = folder.resolve("taken");
    Files.createDirectories(notEmpty.resolve("inside"));

    assertThatThrownBy(() -> new WholeFile(notEmpty).write(CONTENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("taken");
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
  }
}
