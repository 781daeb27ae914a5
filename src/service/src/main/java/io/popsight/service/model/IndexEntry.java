package io.popsight.service.model;

import io.popsight.model.ModelMetadata;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One version of one model in the folder.
 *
 * @param name as the file calls it; for a file that cannot be read, as the folder does
 * @param version likewise; may be empty then
 * @param state whether it answers
 * @param reason why it does not, else empty
 */
public record IndexEntry(String name, String version, State state, String reason) {

  /** Whether it answers. */
  public enum State {
    READY,
    UNLOADED,
    REFUSED
  }

  /** Models that answer, that were unloaded and that are refused, by name and version. */
  static List<IndexEntry> listed(
      Stream<ModelMetadata> answering,
      Map<String, List<String>> unloaded,
      Stream<IndexEntry> refused) {
    Stream<IndexEntry> ready =
        answering.map(m -> new IndexEntry(m.name(), m.version(), State.READY, ""));
    Stream<IndexEntry> away =
        unloaded.entrySet().stream()
            .flatMap(
                e ->
                    e.getValue().stream()
                        .map(v -> new IndexEntry(e.getKey(), v, State.UNLOADED, "unloaded")));
    return Stream.of(ready, away, refused)
        .flatMap(entries -> entries)
        .sorted(
            Comparator.comparing(IndexEntry::name)
                .thenComparing(IndexEntry::version, VersionOrder.OLDEST_FIRST))
        .toList();
  }
}
