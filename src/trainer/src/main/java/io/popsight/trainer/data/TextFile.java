package io.popsight.trainer.data;

import io.popsight.JsonMistake;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;

/** What people wrote by hand or with an editor: UTF-8, with or without a byte-order mark. */
final class TextFile {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private TextFile() {}

  /**
   * Reads a file, without its byte-order mark: it would become part of the first word.
   *
   * @throws FileSystemException naming the file that is not UTF-8
   */
  static String read(Path file) throws IOException {
    try {
      String text = Files.readString(file);
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      FileSystemException named =
          new FileSystemException(file.toString(), null, "is not UTF-8; save it as UTF-8");
      named.initCause(e);
      throw named;
    }
  }

  /** What a parser says of a file, without what it says of itself. */
  static IllegalArgumentException refusal(Path file, JacksonException e) {
    int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    String said = JsonMistake.of(e);
    String reason = said.startsWith("Unexpected end-of-input") ? "the file ends too early" : said;
    return new IllegalArgumentException("%s:%d: %s".formatted(file, line, reason), e);
  }

  /** The lines of a file, as {@link #read} has them. */
  static List<String> lines(Path file) throws IOException {
    return read(file).lines().toList();
  }
}
