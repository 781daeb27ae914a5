package io.popsight.trainer.data;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder of pictures that are made anew each time. A list in it says what was written, so that
 * this alone is deleted the next time: what people put there stays.
 */
public final class PictureFolder {

  private static final String LIST = ".written";

  private final Path folder;
  private final Set<Path> written = new HashSet<>();

  /** A folder that is made when something is to be in it. */
  public PictureFolder(Path folder) {
    this.folder = folder;
  }

  /** Deletes what was written there before. */
  public void clear() throws IOException {
    Path list = folder.resolve(LIST);
    if (Files.exists(list)) {
      for (String name : Files.readAllLines(list).reversed()) {
        delete(folder.resolve(name));
      }
      Files.delete(list);
    }
    written.clear();
  }

  /** Nothing behind a link, nor a folder that holds something. */
  private void delete(Path file) throws IOException {
    boolean own =
        Files.exists(file, LinkOption.NOFOLLOW_LINKS)
            && !Files.isSymbolicLink(file)
            && file.toRealPath().startsWith(folder.toRealPath());
    if (!own) {
      return;
    }
    try {
      Files.delete(file);
    } catch (DirectoryNotEmptyException _) {
      // It has become a person's, too.
    }
  }

  /** Makes a folder in it, unless there is one. */
  public void makeFolder(Path name) throws IOException {
    for (int parts = 1; parts <= name.getNameCount(); parts++) {
      Path part = name.subpath(0, parts);
      if (!Files.isDirectory(folder.resolve(part))) {
        list(part);
        Files.createDirectory(folder.resolve(part));
      }
    }
  }

  /** Writes a picture, over one of the same name. */
  public void write(Path name, byte[] picture) throws IOException {
    list(name);
    Files.write(folder.resolve(name), picture);
    written.add(folder.resolve(name));
  }

  /** Before it is there: what an interrupted command left is known, too. */
  private void list(Path name) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(LIST), name + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Where it is. */
  public Path path() {
    return folder;
  }

  /** How many pictures were written. */
  public int pictures() {
    return written.size();
  }

  /** Files in it that were not written now, sorted, but for hidden ones. */
  public List<Path> others() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !written.contains(file))
          .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
          .sorted()
          .toList();
    }
  }
}
