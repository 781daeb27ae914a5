package io.popsight.service.model;

import io.popsight.model.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which files of a folder have changed and come to rest. A file that looks different in two looks
 * in a row is still being written; one that is missing once may be just about to be replaced.
 */
final class FolderScan {

  /**
   * Tells one state of a file from the next.
   *
   * @param key the inode where there is one: a file moved into the place of another may have its
   *     size and time
   */
  private record Stamp(long size, FileTime changed, String key) {}

  /** Files to take in, and files that are no longer there. */
  record Changes(List<Path> settled, List<Path> gone) {}

  private final ModelFolder folder;
  private final Map<Path, Stamp> known;
  private Map<Path, Stamp> last;

  /**
   * What lies in the folder now counts as known.
   *
   * @throws ModelRefusedException if the folder cannot be read
   */
  FolderScan(ModelFolder folder) {
    this.folder = folder;
    this.last = stamps(Set.of());
    this.known = new HashMap<>(last);
  }

  List<Path> known() {
    return known.keySet().stream().sorted().toList();
  }

  /**
   * Looks again.
   *
   * @throws ModelRefusedException if the folder, or what has a known file in it, cannot be read
   */
  Changes look() {
    Map<Path, Stamp> now = stamps(known.keySet());
    Map<Path, Stamp> settled = new TreeMap<>();
    now.forEach(
        (file, stamp) -> {
          if (stamp.equals(last.get(file)) && !stamp.equals(known.get(file))) {
            settled.put(file, stamp);
          }
        });
    List<Path> gone =
        known.keySet().stream()
            .filter(file -> !now.containsKey(file) && !last.containsKey(file))
            .sorted()
            .toList();
    known.putAll(settled);
    gone.forEach(known::remove);
    last = now;
    return new Changes(List.copyOf(settled.keySet()), gone);
  }

  private Map<Path, Stamp> stamps(Set<Path> known) {
    Map<Path, Stamp> stamps = new HashMap<>();
    for (Path file : folder.files(known)) {
      stamp(file).ifPresent(stamp -> stamps.put(file, stamp));
    }
    return stamps;
  }

  private static Optional<Stamp> stamp(Path file) {
    try {
      BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(new Stamp(is.size(), is.lastModifiedTime(), String.valueOf(is.fileKey())));
    } catch (IOException e) {
      // It went between listing and looking.
      return Optional.empty();
    }
  }
}
