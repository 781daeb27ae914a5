package io.popsight;

import java.util.Collection;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.MismatchedInputException;

/** What is wrong with a document, for who wrote it: fields by their paths, and no names of Java. */
public final class JsonMistake {

  private static final Map<Class<?>, String> SCALARS =
      Map.ofEntries(
          Map.entry(String.class, "text"),
          Map.entry(boolean.class, "true or false"),
          Map.entry(Boolean.class, "true or false"),
          Map.entry(int.class, "a whole number"),
          Map.entry(long.class, "a whole number"),
          Map.entry(float.class, "a number"),
          Map.entry(Float.class, "a number"),
          Map.entry(double.class, "a number"));

  private JsonMistake() {}

  /** A sentence. */
  public static String of(JacksonException e) {
    String path = path(e);
    if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      return path.isEmpty()
          ? "want one JSON object"
          : "%s must be %s".formatted(path, wanted(mismatch.getTargetType()));
    }
    String said =
        String.valueOf(e.getOriginalMessage())
            .replaceAll("\\s*\\(?(start marker )?(at )?\\[Source:[^\\]]*\\]\\)?", "")
            .replaceAll(", from `[^`]*`", "");
    return path.isEmpty() ? said : path + ": " + said;
  }

  private static String wanted(Class<?> type) {
    boolean list = type.isArray() || Collection.class.isAssignableFrom(type);
    return SCALARS.getOrDefault(type, list ? "an array" : "an object");
  }

  /** Such as {@code regions[0].top}. */
  private static String path(JacksonException e) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : e.getPath()) {
      String name = step.getPropertyName();
      if (name == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(name);
      }
    }
    return path.toString();
  }
}
