package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import java.util.List;

/**
 * A line of a label file: class, centre x, centre y, width, height, the last four as shares of the
 * photo.
 *
 * @param own class names of the data set
 * @param wanted class names that the answer counts in
 */
record YoloLine(List<String> own, List<String> wanted) {

  private static final int FIELDS = 5;

  /**
   * The numbers of a line, the first being a class.
   *
   * @throws IllegalArgumentException saying why it cannot be read
   */
  double[] numbers(String line) {
    String[] fields = line.strip().split("\\s+", -1);
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException(
          "expected 'class x y width height', found %d fields%s"
              .formatted(fields.length, guess(fields.length)));
    }
    double[] v = new double[FIELDS];
    for (int i = 0; i < FIELDS; i++) {
      v[i] = number(fields[i]);
    }
    if (v[0] != Math.rint(v[0]) || v[0] < 0 || v[0] >= own.size()) {
      throw new IllegalArgumentException("unknown class; there are " + own.size());
    }
    return v;
  }

  /** What more fields probably are; the first four numbers of an outline are no box. */
  private static String guess(int fields) {
    if (fields == FIELDS + 1) {
      return ", the sixth probably a score";
    }
    return fields > FIELDS && fields % 2 == 1
        ? ", probably an outline or a turned box: export for detection, without them"
        : "";
  }

  /**
   * The object of a line; its box may reach over the edge of the photo.
   *
   * @throws IllegalArgumentException saying why it does not count
   */
  GroundTruth object(double[] v, PhotoSize size) {
    String name = own.get((int) v[0]);
    if (!wanted.contains(name)) {
      throw new IllegalArgumentException(UnknownClasses.text("'" + name + "'", wanted));
    }
    if (v[3] <= 0 || v[4] <= 0) {
      throw new IllegalArgumentException("the box of a %s has no area".formatted(name));
    }
    BoundingBox box =
        new BoundingBox(
            (float) ((v[1] - v[3] / 2) * size.width()),
            (float) ((v[2] - v[4] / 2) * size.height()),
            (float) ((v[1] + v[3] / 2) * size.width()),
            (float) ((v[2] + v[4] / 2) * size.height()));
    return new GroundTruth(wanted.indexOf(name), box, false);
  }

  private static double number(String field) {
    try {
      double value = Double.parseDouble(field);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException told) {
      // Told below, as infinity is.
    }
    throw new IllegalArgumentException("'%s' is no number".formatted(field));
  }
}
