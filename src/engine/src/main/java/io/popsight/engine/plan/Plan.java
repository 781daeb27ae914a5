package io.popsight.engine.plan;

import io.popsight.backend.CompiledModel;
import io.popsight.backend.Scratch;
import io.popsight.backend.SpikeMap;
import io.popsight.engine.conv.KernelFamily;
import io.popsight.model.ModelGraph;
import io.popsight.model.ModelMetadata;
import io.popsight.model.SpikeLayer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A compiled network: steps in order, immutable. Photos of a batch follow each other. */
public final class Plan implements CompiledModel {

  private final ModelMetadata metadata;
  private final String kernels;
  private final Step[] steps;
  private final List<MapPlan> maps;
  private final List<Integer> streams;
  private final int photoBorder;
  private final RowSize rows;

  Plan(
      ModelMetadata metadata,
      String kernels,
      List<Step> steps,
      List<MapPlan> maps,
      List<Integer> streams,
      int photoBorder,
      RowSize rows) {
    this.metadata = metadata;
    this.kernels = kernels;
    this.steps = steps.toArray(Step[]::new);
    this.maps = List.copyOf(maps);
    this.streams = List.copyOf(streams);
    this.photoBorder = photoBorder;
    this.rows = rows;
  }

  /** Compiles a graph with a family of kernels. */
  public static Plan compile(ModelGraph graph, ModelMetadata metadata, KernelFamily kernels) {
    return new PlanCompiler(graph, metadata, kernels).compile();
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
    return new Arena(metadata, maxBatch, photoBorder, maps, streams, rows.make());
  }

  @Override
  public void run(Scratch scratch, int batch) {
    Arena arena = arena(scratch);
    for (int photo = 0; photo < batch; photo++) {
      for (Step step : steps) {
        step.run(arena, photo);
      }
    }
  }

  @Override
  public List<SpikeMap> spikeMaps(Scratch scratch) {
    Arena arena = arena(scratch);
    run(arena, 1);
    List<SpikeMap> found = new ArrayList<>();
    for (Step step : steps) {
      // Maps are not shared between nodes, so each still holds what was counted.
      if (step instanceof Step.Count count) {
        SpikeLayer layer = metadata.spikeLayers().get(count.layer());
        found.add(new SpikeMap(layer, arena.map(count.input()).counts()));
      }
    }
    found.sort(Comparator.comparingInt(map -> metadata.spikeLayers().indexOf(map.layer())));
    return List.copyOf(found);
  }

  private static Arena arena(Scratch scratch) {
    if (scratch instanceof Arena arena) {
      return arena;
    }
    throw new IllegalArgumentException("the scratch belongs to another backend");
  }

  /** Names of the steps, in order. */
  public List<String> stepNames() {
    return List.of(steps).stream().map(Step::name).toList();
  }

  /**
   * Runs one photo and adds to each step the nanoseconds that it took.
   *
   * @param nanos as long as {@link #stepNames()}
   */
  public void profile(Scratch scratch, long[] nanos) {
    Arena arena = arena(scratch);
    for (int s = 0; s < steps.length; s++) {
      long start = System.nanoTime();
      steps[s].run(arena, 0);
      nanos[s] += System.nanoTime() - start;
    }
  }

  @Override
  public void close() {
    // Nothing but heap memory.
  }
}
