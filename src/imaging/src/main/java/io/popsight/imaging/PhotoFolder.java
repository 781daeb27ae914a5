package io.popsight.imaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that people keep photos in, beside other files.
 *
 * @param dir the folder
 */
public record PhotoFolder(Path dir) {

  /**
   * Whether a file is named as a photo; what it holds is the decoder's to say. What macOS leaves
   * beside a photo, named as it with {@code ._} before, is none.
   */
  public static boolean isNamedAsPhoto(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.matches("(?i)(?!\\._).*\\.(jpe?g|png|webp|bmp)");
  }

  /**
   * Whether a file's name can be written as text and found again by it. One from a system of
   * another encoding cannot, as of an old archive or a Windows share.
   */
  public static boolean isNamedInText(Path file) {
    try {
      return Path.of(file.toString()).equals(file);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** The files that are named as photos, sorted. */
  public List<Path> photos() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(PhotoFolder::isNamedAsPhoto).sorted().toList();
    }
  }
}
