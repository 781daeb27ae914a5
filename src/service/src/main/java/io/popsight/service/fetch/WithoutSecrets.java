package io.popsight.service.fetch;

import java.util.regex.Pattern;

/** What a log may hold of URLs, and of what other servers say: no query, no credentials. */
public final class WithoutSecrets {

  private static final Pattern QUERY = Pattern.compile("\\?[^\\s'\"]*");

  /** Up to the last: of a password that is not encoded a part may pass for a host and a path. */
  private static final Pattern CREDENTIALS = Pattern.compile("//[^\\s'\"]*@");

  /** Another server must not write lines of its own. */
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

  private WithoutSecrets() {}

  /** A text as it may be logged; a URL that is not well-formed may keep what is secret of it. */
  public static String of(String text) {
    String bare = CREDENTIALS.matcher(QUERY.matcher(text).replaceAll("")).replaceAll("//");
    return CONTROL.matcher(bare).replaceAll(" ");
  }
}
