package io.popsight.trainer.data;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads one photo's labels.
 *
 * @param <T> what names a photo in the layout
 */
@FunctionalInterface
interface PhotoReading<T> {

  /** The photo with its objects; empty when it was skipped, which the problems then tell. */
  Optional<LabeledPhoto> read(T item, Consumer<String> problems) throws IOException;

  /**
   * Reads many side by side: each photo is decoded once to see that it can be, which takes a while
   * in a row. Photos and problems come out in the order of the list.
   */
  static <T> List<LabeledPhoto> inOrder(
      List<T> items, PhotoReading<T> reading, Consumer<String> problems) {
    record Outcome(Optional<LabeledPhoto> photo, List<String> problems) {}
    List<Outcome> outcomes =
        items.parallelStream()
            .map(
                item -> {
                  List<String> own = new ArrayList<>();
                  try {
                    return new Outcome(reading.read(item, own::add), own);
                  } catch (IOException e) {
                    // Where a reason is given, the message names the file that it is of.
                    boolean named = e instanceof FileSystemException f && f.getReason() != null;
                    own.add(
                        named
                            ? String.valueOf(e.getMessage())
                            : "%s: cannot be read: %s".formatted(item, e));
                    return new Outcome(Optional.empty(), own);
                  }
                })
            .toList();
    outcomes.forEach(o -> o.problems().forEach(problems));
    return outcomes.stream().map(Outcome::photo).flatMap(Optional::stream).toList();
  }
}
