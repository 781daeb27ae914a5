package io.popsight.service.oip;

import static io.popsight.service.desk.RefusedException.invalid;

import io.popsight.model.ModelMetadata;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.RefusedException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A model as the protocol shows it: one way into it and out of it. */
sealed interface ModelView permits PhotoView, PixelsView, TensorView {

  /** The model behind it. */
  ModelMetadata metadata();

  /** What is put behind the model's name. */
  String suffix();

  List<TensorSpec> inputs();

  List<TensorSpec> outputs();

  /** Runs it, on a worker; the request's inputs are this view's. */
  InferenceAnswer infer(DetectionDesk desk, InferenceRequest request);

  /** Name in paths and answers. */
  default String name() {
    return metadata().name() + suffix();
  }

  /**
   * The input of that name.
   *
   * @throws RefusedException if there is none
   */
  default TensorSpec input(String name) {
    return find(inputs(), name)
        .orElseThrow(() -> invalid("unknown input '%s'; %s has %s", name, name(), names(inputs())));
  }

  /**
   * Checks that each input is there once and each output asked for is known.
   *
   * @throws RefusedException naming what is wrong
   */
  default InferenceRequest checked(InferenceRequest request) {
    Set<String> given = new HashSet<>();
    for (Tensor input : request.inputs()) {
      if (!given.add(input.name())) {
        throw invalid("input '%s' is there twice", input.name());
      }
    }
    for (TensorSpec wanted : inputs()) {
      if (!given.contains(wanted.name())) {
        throw invalid("input '%s' is missing", wanted.name());
      }
    }
    Set<String> asked = new HashSet<>();
    for (String output : request.outputs()) {
      if (find(outputs(), output).isEmpty()) {
        throw invalid("unknown output '%s'; %s has %s", output, name(), names(outputs()));
      }
      if (!asked.add(output)) {
        throw invalid("output '%s' is asked for twice", output);
      }
    }
    return request;
  }

  private static Optional<TensorSpec> find(List<TensorSpec> specs, String name) {
    return specs.stream().filter(s -> s.name().equals(name)).findFirst();
  }

  private static String names(List<TensorSpec> specs) {
    return String.join(", ", specs.stream().map(TensorSpec::name).toList());
  }
}
