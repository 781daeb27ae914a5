package io.popsight.service.access;

/** What a key opens. */
public enum Role {
  /** Asking for photos and models. */
  DETECT,
  /** Reading metrics. */
  METRICS,
  /** Loading and unloading models, and everything else. */
  ADMIN
}
