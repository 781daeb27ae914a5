package io.popsight.service.oip;

import io.popsight.service.oip.InferenceAnswer.Stages;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** Statistics in Triton's form. */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record StatisticsListing(List<OfModel> modelStats) {

  /** Of one version of one view. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record OfModel(
      String name,
      String version,
      long lastInference,
      long inferenceCount,
      long executionCount,
      Durations inferenceStats,
      List<OfBatch> batchStats) {}

  /** A stage each. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Durations(
      Sum success, Sum fail, Sum queue, Sum computeInput, Sum computeInfer, Sum computeOutput) {}

  /** By the size of what runs at once, which is one photo. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record OfBatch(int batchSize, Sum computeInput, Sum computeInfer, Sum computeOutput) {}

  /** How often and how many nanoseconds in all. */
  record Sum(long count, long ns) {}

  static StatisticsListing of(List<OpenInference.Counted> counted) {
    return new StatisticsListing(counted.stream().map(StatisticsListing::of).toList());
  }

  private static OfModel of(OpenInference.Counted counted) {
    InferenceStatistics.Sums sums = counted.sums();
    Stages stages = sums.stages();
    long photos = sums.photos();
    Sum input = new Sum(photos, stages.input());
    Sum infer = new Sum(photos, stages.infer());
    Sum output = new Sum(photos, stages.output());
    return new OfModel(
        counted.name(),
        counted.version(),
        sums.lastInference(),
        photos,
        photos,
        new Durations(
            new Sum(sums.succeeded(), sums.successNanos()),
            new Sum(sums.failed(), sums.failNanos()),
            new Sum(photos, stages.queue()),
            input,
            infer,
            output),
        List.of(new OfBatch(1, input, infer, output)));
  }
}
