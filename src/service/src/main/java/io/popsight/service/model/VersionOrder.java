package io.popsight.service.model;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Versions as people count them: {@code 1.9} comes before {@code 1.10}. */
final class VersionOrder implements Comparator<String> {

  static final Comparator<String> OLDEST_FIRST =
      new VersionOrder().thenComparing(Comparator.naturalOrder());

  private static final Pattern PART = Pattern.compile("\\d+|[^\\d]+");

  private VersionOrder() {}

  @Override
  public int compare(String one, String other) {
    List<String> left = parts(one);
    List<String> right = parts(other);
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      int order = comparePart(left.get(i), right.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  private static int comparePart(String left, String right) {
    boolean numbers = isNumber(left) && isNumber(right);
    return numbers ? new BigInteger(left).compareTo(new BigInteger(right)) : left.compareTo(right);
  }

  private static boolean isNumber(String part) {
    return Character.isDigit(part.charAt(0));
  }

  private static List<String> parts(String version) {
    return PART.matcher(version).results().map(MatchResult::group).toList();
  }
}
