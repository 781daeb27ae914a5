package io.popsight.engine.plan;

import io.popsight.backend.CompiledModel;
import io.popsight.backend.Helpers;
import io.popsight.backend.PlanStep;
import io.popsight.backend.Scratch;
import io.popsight.backend.SpikeMap;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import java.util.ArrayList;
import java.util.List;

/**
 * A compiled network: steps in order, immutable. Photos of a batch follow each other; the rows of
 * one are shared among the threads that there are.
 */
public final class Plan implements CompiledModel {

  /** More threads would wait for each other more than they did. */
  private static final int MOST_THREADS = 16;

  private final ModelMetadata metadata;
  private final String kernels;
  private final Step[] steps;
  private final List<PlanStep> told;
  private final Layout layout;
  private final int[] spikeLayers;
  private final int threads;
  private final Helpers helpers;

  Plan(
      ModelMetadata metadata,
      String kernels,
      List<Step> steps,
      List<PlanStep> told,
      Layout layout,
      int[] spikeLayers,
      int threads,
      Helpers helpers) {
    this.metadata = metadata;
    this.kernels = kernels;
    this.steps = steps.toArray(Step[]::new);
    this.told = List.copyOf(told);
    this.layout = layout;
    this.spikeLayers = spikeLayers;
    this.threads = threads;
    this.helpers = helpers;
  }

  /**
   * Compiles a graph with a family of kernels.
   *
   * @param results of races between kernels, which are kept
   * @param threads that a run may use, the caller's among them, 16 at most; 0 takes as many as the
   *     process has cores. One where there are no helpers
   */
  public static Plan compile(
      ModelGraph graph,
      ModelMetadata metadata,
      KernelFamily kernels,
      RaceResults results,
      int threads,
      Helpers helpers) {
    int most = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    int used = helpers.equals(Helpers.NONE) ? 1 : Math.min(most, MOST_THREADS);
    EventChoice choice = new EventChoice(graph, metadata, results);
    Plan plan = new PlanCompiler(graph, metadata, kernels, choice).compile(used, helpers);
    results.keep();
    return plan;
  }

  @Override
  public ModelMetadata metadata() {
    return metadata;
  }

  @Override
  public String kernels() {
    return kernels;
  }

  @Override
  public Scratch newScratch(int maxBatch) {
    return new Arena(metadata, maxBatch, layout, steps, threads, helpers);
  }

  @Override
  public void run(Scratch scratch, int batch) {
    arena(scratch).run().photos(batch);
  }

  @Override
  public List<SpikeMap> spikeMaps(Scratch scratch) {
    Arena arena = arena(scratch);
    arena.run().photos(1);
    List<SpikeMap> found = new ArrayList<>();
    for (int layer = 0; layer < spikeLayers.length; layer++) {
      // Maps are not shared between nodes, so each still holds what was counted.
      int[] counts = arena.map(spikeLayers[layer]).counts();
      found.add(new SpikeMap(metadata.spikeLayers().get(layer), counts));
    }
    return List.copyOf(found);
  }

  private static Arena arena(Scratch scratch) {
    if (scratch instanceof Arena arena) {
      return arena;
    }
    throw new IllegalArgumentException("the scratch belongs to another backend");
  }

  @Override
  public List<PlanStep> steps() {
    return told;
  }

  @Override
  public void profile(Scratch scratch, long[] nanos) {
    arena(scratch).run().profile(nanos);
  }

  @Override
  public void close() {
    // Nothing but heap memory.
  }
}
