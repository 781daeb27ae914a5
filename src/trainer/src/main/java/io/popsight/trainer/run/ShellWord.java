package io.popsight.trainer.run;

/**
 * A word of a command that a person may copy.
 *
 * @param value as the program shall see it
 */
record ShellWord(Object value) {

  /** In quotes where a shell would read it otherwise. */
  @Override
  public String toString() {
    String text = String.valueOf(value);
    return text.matches("[\\w./@:=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
