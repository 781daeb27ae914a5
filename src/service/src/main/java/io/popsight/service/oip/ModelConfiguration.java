package io.popsight.service.oip;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** A model as Triton's clients know its configuration, with every dimension in {@code dims}. */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record ModelConfiguration(
    String name,
    String platform,
    String backend,
    int maxBatchSize,
    List<Entry> input,
    List<Entry> output,
    Map<String, Parameter> parameters) {

  /** An input or output. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Entry(String name, String dataType, @Nullable String format, List<Long> dims) {

    private static Entry of(TensorSpec spec, @Nullable String format) {
      return new Entry(spec.name(), spec.datatype().configName(), format, spec.shape());
    }
  }

  /** Text under a name. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Parameter(String stringValue) {}

  static ModelConfiguration of(OpenInference.Described model) {
    Map<String, Parameter> parameters = new TreeMap<>();
    model.properties().forEach((name, value) -> parameters.put(name, new Parameter(value)));
    return new ModelConfiguration(
        model.name(),
        model.platform(),
        OpenInference.SERVER,
        0,
        model.inputs().stream().map(spec -> Entry.of(spec, "FORMAT_NONE")).toList(),
        model.outputs().stream().map(spec -> Entry.of(spec, null)).toList(),
        parameters);
  }
}
