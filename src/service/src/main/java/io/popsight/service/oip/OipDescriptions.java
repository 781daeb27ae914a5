package io.popsight.service.oip;

import io.popsight.inference.v2.DataType;
import io.popsight.inference.v2.InferBatchStatistics;
import io.popsight.inference.v2.InferStatistics;
import io.popsight.inference.v2.ModelConfig;
import io.popsight.inference.v2.ModelConfigResponse;
import io.popsight.inference.v2.ModelInput;
import io.popsight.inference.v2.ModelMetadataResponse;
import io.popsight.inference.v2.ModelMetadataResponse.TensorMetadata;
import io.popsight.inference.v2.ModelOutput;
import io.popsight.inference.v2.ModelParameter;
import io.popsight.inference.v2.ModelStatistics;
import io.popsight.inference.v2.ModelStatisticsResponse;
import io.popsight.inference.v2.StatisticDuration;
import io.popsight.service.oip.StatisticsListing.OfBatch;
import io.popsight.service.oip.StatisticsListing.OfModel;
import io.popsight.service.oip.StatisticsListing.Sum;

/** What is said of models, as gRPC's messages. */
final class OipDescriptions {

  private OipDescriptions() {}

  static ModelMetadataResponse metadata(OpenInference.Described model) {
    return ModelMetadataResponse.newBuilder()
        .setName(model.name())
        .addAllVersions(model.versions())
        .setPlatform(model.platform())
        .addAllInputs(model.inputs().stream().map(OipDescriptions::tensor).toList())
        .addAllOutputs(model.outputs().stream().map(OipDescriptions::tensor).toList())
        .putAllProperties(model.properties())
        .build();
  }

  private static TensorMetadata tensor(TensorSpec spec) {
    return TensorMetadata.newBuilder()
        .setName(spec.name())
        .setDatatype(spec.datatype().name())
        .addAllShape(spec.shape())
        .build();
  }

  static ModelConfigResponse config(OpenInference.Described model) {
    ModelConfig.Builder config =
        ModelConfig.newBuilder()
            .setName(model.name())
            .setPlatform(model.platform())
            .setBackend(OpenInference.SERVER);
    for (TensorSpec input : model.inputs()) {
      config.addInput(
          ModelInput.newBuilder()
              .setName(input.name())
              .setDataType(DataType.valueOf(input.datatype().configName()))
              .addAllDims(input.shape()));
    }
    for (TensorSpec output : model.outputs()) {
      config.addOutput(
          ModelOutput.newBuilder()
              .setName(output.name())
              .setDataType(DataType.valueOf(output.datatype().configName()))
              .addAllDims(output.shape()));
    }
    model
        .properties()
        .forEach(
            (name, value) ->
                config.putParameters(
                    name, ModelParameter.newBuilder().setStringValue(value).build()));
    return ModelConfigResponse.newBuilder().setConfig(config).build();
  }

  static ModelStatisticsResponse statistics(StatisticsListing listing) {
    return ModelStatisticsResponse.newBuilder()
        .addAllModelStats(listing.modelStats().stream().map(OipDescriptions::model).toList())
        .build();
  }

  private static ModelStatistics model(OfModel of) {
    StatisticsListing.Durations durations = of.inferenceStats();
    return ModelStatistics.newBuilder()
        .setName(of.name())
        .setVersion(of.version())
        .setLastInference(of.lastInference())
        .setInferenceCount(of.inferenceCount())
        .setExecutionCount(of.executionCount())
        .setInferenceStats(
            InferStatistics.newBuilder()
                .setSuccess(sum(durations.success()))
                .setFail(sum(durations.fail()))
                .setQueue(sum(durations.queue()))
                .setComputeInput(sum(durations.computeInput()))
                .setComputeInfer(sum(durations.computeInfer()))
                .setComputeOutput(sum(durations.computeOutput())))
        .addAllBatchStats(of.batchStats().stream().map(OipDescriptions::batch).toList())
        .build();
  }

  private static InferBatchStatistics batch(OfBatch batch) {
    return InferBatchStatistics.newBuilder()
        .setBatchSize(batch.batchSize())
        .setComputeInput(sum(batch.computeInput()))
        .setComputeInfer(sum(batch.computeInfer()))
        .setComputeOutput(sum(batch.computeOutput()))
        .build();
  }

  private static StatisticDuration sum(Sum sum) {
    return StatisticDuration.newBuilder().setCount(sum.count()).setNs(sum.ns()).build();
  }
}
