package io.popsight.service.detect;

import java.time.Duration;

/** A photo is not done while its answer is still wanted. */
public final class DeadlineExceededException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final boolean ofService;

  /** With how long it was waited for, and whether the service or the caller would have it so. */
  DeadlineExceededException(Duration patience, boolean ofService) {
    super("the photo was not done within its deadline of %d ms".formatted(patience.toMillis()));
    this.ofService = ofService;
  }

  /**
   * Whether the caller would have waited longer: the service is too slow then, not the caller
   * hurried.
   */
  public boolean ofService() {
    return ofService;
  }
}
