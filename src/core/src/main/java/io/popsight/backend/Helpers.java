package io.popsight.backend;

/**
 * Idle threads that a run may borrow to share its work: whoever owns threads knows which of them
 * are idle. Thread-safe.
 */
@FunctionalInterface
public interface Helpers {

  /** Nobody ever helps. */
  Helpers NONE = (task, most) -> {};

  /**
   * Has idle threads run a task, once each, and returns at once. There may be fewer of them than
   * asked for, or none; one that comes late finds nothing left to do.
   *
   * @param task may be run by several threads at once; ends early on a thread that is interrupted,
   *     which has other work
   * @param most threads that are wanted
   */
  void invite(Runnable task, int most);
}
