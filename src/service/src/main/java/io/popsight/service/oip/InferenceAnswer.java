package io.popsight.service.oip;

import io.popsight.service.detect.PhotoAnswer;
import java.util.List;

/**
 * What a view answers.
 *
 * @param outputs of the view: those asked for, in the order asked, or all in its order
 * @param stages where the time went
 * @param photos how many were looked at
 */
record InferenceAnswer(List<Tensor> outputs, Stages stages, int photos) {

  /** Nanoseconds. */
  record Stages(long queue, long input, long infer, long output) {

    static final Stages NONE = new Stages(0, 0, 0, 0);

    static Stages of(PhotoAnswer.Timings t) {
      return new Stages(
          nanos(t.queue()),
          nanos(t.decode() + t.preprocess()),
          nanos(t.infer()),
          nanos(t.postprocess()));
    }

    private static long nanos(double millis) {
      return Math.round(millis * 1e6);
    }

    Stages plus(Stages other) {
      return new Stages(
          queue + other.queue, input + other.input, infer + other.infer, output + other.output);
    }
  }

  /** Those asked for, in the order asked; all if none is. */
  InferenceAnswer only(List<String> names) {
    return names.isEmpty()
        ? this
        : new InferenceAnswer(
            names.stream()
                .map(n -> outputs.stream().filter(o -> o.name().equals(n)).findFirst())
                .flatMap(java.util.Optional::stream)
                .toList(),
            stages,
            photos);
  }
}
