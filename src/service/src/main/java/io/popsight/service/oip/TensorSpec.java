package io.popsight.service.oip;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.util.List;

/**
 * What a view takes or gives.
 *
 * @param name of the input or output
 * @param datatype of its elements
 * @param shape -1 is any
 */
public record TensorSpec(String name, Datatype datatype, List<Long> shape) {

  /** Most photos in a request. */
  static final int MAX_BATCH = 64;

  static TensorSpec of(String name, Datatype datatype, long... shape) {
    return new TensorSpec(name, datatype, java.util.Arrays.stream(shape).boxed().toList());
  }

  /**
   * Checks what a request says of this input, before anything is read or allocated for it.
   *
   * @throws RefusedException saying what was got and what is wanted
   */
  public void check(String gotDatatype, List<Long> got) {
    if (!datatype.name().equals(gotDatatype)) {
      throw refused("datatype must be %s, got '%s'", datatype, gotDatatype);
    }
    boolean fits = got.size() == shape.size();
    // Clients write one photo as [1] as well as [1, 1].
    if (datatype == Datatype.BYTES && got.size() == 2 && got.get(1) == 1) {
      fits = true;
    }
    for (int d = 0; fits && d < shape.size(); d++) {
      long wanted = shape.get(d);
      fits = wanted < 0 ? got.get(d) >= 1 : got.get(d) == wanted;
    }
    if (!fits) {
      throw refused("shape must be %s, got %s", shape, got);
    }
    if (got.getFirst() > MAX_BATCH) {
      throw refused("at most %d photos a request, got %s", MAX_BATCH, got);
    }
  }

  private RefusedException refused(String message, Object... values) {
    return new RefusedException(
        Refusal.INVALID_PARAMETER, "input '%s': ".formatted(name) + message.formatted(values));
  }
}
