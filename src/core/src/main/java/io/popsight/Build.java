package io.popsight;

import java.util.Objects;

/** Which build this is. */
public final class Build {

  private Build() {}

  /** The version in the jar's manifest; {@code development} where there is no jar. */
  public static String version() {
    return Objects.requireNonNullElse(
        Build.class.getPackage().getImplementationVersion(), "development");
  }
}
