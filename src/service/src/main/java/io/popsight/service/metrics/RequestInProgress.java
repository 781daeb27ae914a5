package io.popsight.service.metrics;

import java.util.Optional;
import java.util.UUID;

/** What is known of a request while it is worked on. */
public final class RequestInProgress {

  /** What its id is called, in the log and in what its caller is told. */
  public static final String ID = "request_id";

  /** Of the request that the current thread works on. */
  static final ScopedValue<RequestInProgress> CURRENT = ScopedValue.newInstance();

  private final String id = UUID.randomUUID().toString();
  private final Door door;
  private final long start = System.nanoTime();
  private volatile Served served = Served.NOBODY;
  private volatile Optional<Outcome> told = Optional.empty();

  /**
   * What answers; {@code none} until a model of the folder was found, so that a name which a caller
   * made up never becomes a label.
   */
  record Served(String model, String version) {

    static final Served NOBODY = new Served("none", "none");
  }

  RequestInProgress(Door door) {
    this.door = door;
  }

  /** The request that the current thread works on. */
  public static Optional<RequestInProgress> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** For the logs of both sides. */
  public String id() {
    return id;
  }

  /** The model was found. */
  public void answeredBy(String model, String version) {
    served = new Served(model, version);
  }

  /** How it ends, where the status alone does not tell. */
  public void endsAs(Outcome outcome) {
    told = Optional.of(outcome);
  }

  /** How it ended: as was told, or as its status says. */
  public Outcome outcome(Outcome ofStatus) {
    return told.orElse(ofStatus);
  }

  Door door() {
    return door;
  }

  Served served() {
    return served;
  }

  long nanos() {
    return System.nanoTime() - start;
  }
}
