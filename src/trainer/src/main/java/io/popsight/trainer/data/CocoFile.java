package io.popsight.trainer.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The lists of a COCO file, each element with its place.
 *
 * @param lists by the name of the key
 */
record CocoFile(Map<String, List<Item>> lists) {

  private static final List<String> LISTS = List.of("images", "annotations", "categories");
  private static final int LOOKED_AT = 1 << 16;

  /** After an element come others. */
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /**
   * An element of a list.
   *
   * @param place such as {@code val.json:12: annotations[3]}
   */
  record Item(String place, JsonNode json) {}

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException naming the line that is no JSON
   */
  static CocoFile read(Path file) throws IOException {
    Map<String, List<Item>> lists = new HashMap<>();
    try (JsonParser parser = JSON.createParser(TextFile.read(file))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException(file + ": expected {\"images\": [...], ...}");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        if (parser.nextToken() == JsonToken.START_ARRAY) {
          lists.put(key, items(parser, file, key));
        } else {
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      throw TextFile.refusal(file, e);
    }
    return new CocoFile(lists);
  }

  /** Whether a file begins as one of this layout. */
  static boolean looksRight(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String start = new String(in.readNBytes(LOOKED_AT), StandardCharsets.UTF_8);
      return LISTS.stream().anyMatch(key -> start.contains('"' + key + '"'));
    } catch (IOException e) {
      return false;
    }
  }

  private static List<Item> items(JsonParser parser, Path file, String key) {
    List<Item> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      int line = parser.currentTokenLocation().getLineNr();
      String place = "%s:%d: %s[%d]".formatted(file, line, key, items.size());
      items.add(new Item(place, JSON.readTree(parser)));
    }
    return List.copyOf(items);
  }

  /** A list of the file; empty where there is none. */
  List<Item> list(String key) {
    return lists.getOrDefault(key, List.of());
  }
}
