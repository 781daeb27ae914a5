package io.popsight.service.model;

import java.util.concurrent.atomic.AtomicBoolean;

/** A model that stays as it is until its user is done, whatever is loaded meanwhile. */
public final class ModelLease implements AutoCloseable {

  private final ServedModel model;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Over a model that is already held. */
  ModelLease(ServedModel model) {
    this.model = model;
  }

  /** The model. */
  public ServedModel model() {
    return model;
  }

  /** The last lease of a model that was replaced frees it. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      model.release();
    }
  }
}
