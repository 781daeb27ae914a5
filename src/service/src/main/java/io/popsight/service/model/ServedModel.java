package io.popsight.service.model;

import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.detection.Detector;
import io.popsight.geometry.Tiling;
import io.popsight.model.ModelMetadata;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A model compiled by one backend, with scratch memory pooled: as many as run at once. Once closed,
 * it goes on until nobody holds it, then its memory is freed.
 */
public final class ServedModel implements AutoCloseable {

  private final String backend;
  private final CompiledModel compiled;
  private final ModelSettings settings;
  private final ModelFacts facts;
  private final Detector detector;
  private final ConcurrentLinkedDeque<Scratch> free = new ConcurrentLinkedDeque<>();

  /** Whoever made it is the first holder. */
  private final AtomicInteger holders = new AtomicInteger(1);

  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over a compiled model. */
  public ServedModel(
      String backend, CompiledModel compiled, ModelSettings settings, ModelFacts facts) {
    this.backend = backend;
    this.compiled = compiled;
    this.settings = settings;
    this.facts = facts;
    this.detector = new Detector(compiled);
  }

  /** Name of the backend that runs it. */
  public String backend() {
    return backend;
  }

  /** The code that runs. */
  public String kernels() {
    return compiled.kernels();
  }

  /** What the file says of itself. */
  public ModelMetadata metadata() {
    return detector.metadata();
  }

  /** What is known of its file besides. */
  public ModelFacts facts() {
    return facts;
  }

  /** Pixels in, boxes out. */
  public Detector detector() {
    return detector;
  }

  /** Lowest score kept unless a request says otherwise. */
  public float minScore() {
    return settings.minScore(metadata());
  }

  /** Overlap that suppresses unless a request says otherwise. */
  public float iou() {
    return settings.iou(metadata());
  }

  /** Parts that are looked at besides the whole photo unless a request says otherwise. */
  public Tiling tiling() {
    return new Tiling(settings.tiles());
  }

  /** Class names to keep unless a request says otherwise; empty keeps all. */
  public List<String> keptLabels() {
    return settings.labels();
  }

  /** Class names that answers can have. */
  public List<String> labels() {
    return settings.labels(metadata());
  }

  /**
   * Does something with memory for one photo.
   *
   * @throws IllegalStateException if the model was freed
   */
  public <T> T withScratch(Function<Scratch, T> work) {
    if (!hold()) {
      throw new IllegalStateException(metadata().name() + " was replaced; hold a lease");
    }
    try {
      Scratch pooled = free.poll();
      Scratch scratch = pooled == null ? detector.newScratch(1) : pooled;
      try {
        return work.apply(scratch);
      } finally {
        free.push(scratch);
      }
    } finally {
      release();
    }
  }

  /** Keeps the memory until {@link #release}; false if it is gone already. */
  boolean hold() {
    return holders.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  void release() {
    if (holders.decrementAndGet() == 0) {
      free.clear();
      compiled.close();
    }
  }

  /** Ends the maker's hold. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }
}
