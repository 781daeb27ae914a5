package io.popsight.service.model;

import io.popsight.Shortened;

/** A file that must not answer, with the kind of fault. */
final class RefusedFileException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final RefusedFile.Fault fault;

  RefusedFileException(RefusedFile.Fault fault, String reason) {
    super(Shortened.of(reason));
    this.fault = fault;
  }

  RefusedFile.Fault fault() {
    return fault;
  }
}
