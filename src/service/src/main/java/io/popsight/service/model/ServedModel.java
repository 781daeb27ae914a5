package io.popsight.service.model;

import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.detection.Detector;
import io.popsight.model.ModelMetadata;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;

/** A model compiled by one backend, with scratch memory pooled: as many as run at once. */
public final class ServedModel implements AutoCloseable {

  private final String backend;
  private final CompiledModel compiled;
  private final ModelFacts facts;
  private final Detector detector;
  private final ConcurrentLinkedDeque<Scratch> free = new ConcurrentLinkedDeque<>();

  /** Takes over a compiled model. */
  public ServedModel(String backend, CompiledModel compiled, ModelFacts facts) {
    this.backend = backend;
    this.compiled = compiled;
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

  /** Does something with memory for one photo. */
  public <T> T withScratch(Function<Scratch, T> work) {
    Scratch pooled = free.poll();
    Scratch scratch = pooled == null ? detector.newScratch(1) : pooled;
    try {
      return work.apply(scratch);
    } finally {
      free.push(scratch);
    }
  }

  @Override
  public void close() {
    compiled.close();
  }
}
