package io.popsight.trainer.data;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Problems as they come, but for objects of classes that the caller does not know: of those a model
 * measured on foreign data meets hundreds, and a class is told once.
 */
public final class UnknownClasses implements Consumer<String> {

  private static final Pattern TOLD = Pattern.compile(": unknown class (.*?); known: ");

  private final Consumer<String> problems;
  private final Map<String, Integer> objects = new TreeMap<>();

  /** Tells the others at once. */
  public UnknownClasses(Consumer<String> problems) {
    this.problems = problems;
  }

  /** The problem of one object, which a place is put before. */
  static String text(String name, List<String> known) {
    return "unknown class %s; known: %s".formatted(name, known);
  }

  @Override
  public void accept(String problem) {
    Matcher unknown = TOLD.matcher(problem);
    if (unknown.find()) {
      objects.merge(unknown.group(1), 1, Integer::sum);
    } else {
      problems.accept(problem);
    }
  }

  /** Whether there was none. */
  public boolean isEmpty() {
    return objects.isEmpty();
  }

  /** Tells how many objects of each class were left out. */
  public void tell(List<String> known) {
    objects.forEach(
        (name, number) ->
            problems.accept(
                "unknown class %s: %d objects are left out; known: %s"
                    .formatted(name, number, known)));
  }
}
