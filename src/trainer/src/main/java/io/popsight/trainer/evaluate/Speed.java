package io.popsight.trainer.evaluate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Time a photo on one thread, medians in milliseconds.
 *
 * @param decodeMs file to pixels, scaled to the input
 * @param inferMs the network
 * @param postprocessMs boxes and suppression; more than in service, as nearly every score is kept
 */
public record Speed(double decodeMs, double inferMs, double postprocessMs) {

  /** Times of single photos, gathered one after the other. */
  static final class Clock {
    private final List<List<Long>> nanos =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

    void photo(long decode, long infer, long postprocess) {
      nanos.get(0).add(decode);
      nanos.get(1).add(infer);
      nanos.get(2).add(postprocess);
    }

    void forget() {
      nanos.forEach(List::clear);
    }

    Speed medians() {
      return new Speed(median(nanos.get(0)), median(nanos.get(1)), median(nanos.get(2)));
    }

    private static double median(List<Long> values) {
      Collections.sort(values);
      return values.isEmpty() ? 0 : values.get(values.size() / 2) / 1e6;
    }
  }
}
