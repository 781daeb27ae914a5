package io.popsight.service;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Variables of the environment that are called like a setting and are none. Spring passes them
 * over: an environment is not ours alone.
 */
final class UnknownVariables {

  private static final String PREFIX = "POPSIGHT";

  /**
   * What the launchers, the build and clients read, and what Kubernetes sets for every Service
   * called popsight or popsight-something.
   */
  private static final Pattern OTHERS =
      Pattern.compile(
          PREFIX
              + "_(JAVA_OPTIONS|TORCH|IMAGE|KEY|(.*_)?SERVICE_(HOST|PORT(_.*)?)"
              + "|(.*_)?PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

  private UnknownVariables() {}

  /** A line for each. */
  static List<String> of(Set<String> environment) {
    // Spring takes both POPSIGHT_DEFAULTMODEL and POPSIGHT_DEFAULT_MODEL, but no mixture in one
    // name.
    Map<String, Pattern> known = new TreeMap<>();
    describe(PREFIX, PREFIX, "", PopsightProperties.class, known);
    describe(PREFIX, PREFIX, "_", PopsightProperties.class, known);
    return environment.stream()
        .filter(name -> name.startsWith(PREFIX + "_") && !OTHERS.matcher(name).matches())
        .filter(name -> known.values().stream().noneMatch(k -> k.matcher(name).matches()))
        .sorted()
        .map(
            name ->
                "%s in the environment is no setting; the nearest is %s"
                    .formatted(name, nearest(name, known.keySet())))
        .toList();
  }

  private static void describe(
      String prefix, String pattern, String dash, Class<?> type, Map<String, Pattern> known) {
    for (RecordComponent component : type.getRecordComponents()) {
      String word =
          "_" + component.getName().replaceAll("([A-Z])", dash + "$1").toUpperCase(Locale.ROOT);
      Class<?> value = component.getType();
      if (value.isRecord()) {
        describe(prefix + word, pattern + word, dash, value, known);
      } else if (!Collection.class.isAssignableFrom(value)) {
        known.put(prefix + word, Pattern.compile(pattern + word));
      } else if (component.getGenericType() instanceof ParameterizedType list
          && list.getActualTypeArguments()[0] instanceof Class<?> element
          && element.isRecord()) {
        describe(prefix + word + "_0", pattern + word + "_\\d+", dash, element, known);
      } else {
        known.put(prefix + word, Pattern.compile(pattern + word + "(_\\d+)?"));
      }
    }
  }

  private static String nearest(String name, Set<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(candidate -> edits(part(name), part(candidate))))
        .orElseThrow();
  }

  /** Doors are switched by DOORS_NAME, others by NAME_ENABLED: the one is taken for the other. */
  private static String part(String name) {
    return name.replace("_DOORS_", "_").replaceFirst("_ENABLED$", "");
  }

  /** Levenshtein's distance. */
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
