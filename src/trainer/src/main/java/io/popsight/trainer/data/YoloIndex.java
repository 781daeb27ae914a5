package io.popsight.trainer.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * {@code data.yaml}.
 *
 * @param dir the folder it lies in
 * @param yaml its keys
 * @param names class names, the index being the class id
 */
record YoloIndex(Path dir, Map<?, ?> yaml, List<String> names) {

  static YoloIndex read(Path dir) throws IOException {
    Path file = dir.resolve("data.yaml");
    Map<?, ?> yaml = new YAMLMapper().readValue(Files.readString(file), Map.class);
    List<String> names =
        switch (yaml.get("names")) {
          case List<?> list -> list.stream().map(String::valueOf).toList();
          case Map<?, ?> map -> byId(map, file);
          case null, default -> throw new IllegalArgumentException(file + " has no 'names'");
        };
    return new YoloIndex(dir, yaml, names);
  }

  private static List<String> byId(Map<?, ?> map, Path file) {
    TreeMap<Integer, String> names = new TreeMap<>();
    try {
      map.forEach((id, name) -> names.put(Integer.valueOf(String.valueOf(id)), "" + name));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(file + ": 'names' must have numbers as keys", e);
    }
    if (names.isEmpty() || names.firstKey() != 0 || names.lastKey() != names.size() - 1) {
      throw new IllegalArgumentException(file + ": 'names' must count from 0 without a gap");
    }
    return List.copyOf(names.values());
  }

  /**
   * The folder with a split's photos. What the file says is often meant from another folder than
   * its own, so the usual places are looked at after it.
   *
   * @throws IllegalArgumentException if there is none
   */
  Path images(String split) {
    List<Path> places = new ArrayList<>();
    if (yaml.get(split) instanceof String told) {
      if (yaml.get("path") instanceof String root) {
        places.add(dir.resolve(root).resolve(told));
      }
      places.add(dir.resolve(told));
      places.add(dir.resolve(told.replaceFirst("^(\\.\\./)+", "")));
    }
    places.add(dir.resolve(split).resolve("images"));
    places.add(dir.resolve("images").resolve(split));
    return places.stream()
        .map(Path::normalize)
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no folder with photos of split '%s'; looked at %s".formatted(split, places)));
  }
}
