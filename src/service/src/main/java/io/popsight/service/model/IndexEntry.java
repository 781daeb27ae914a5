package io.popsight.service.model;

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
}
