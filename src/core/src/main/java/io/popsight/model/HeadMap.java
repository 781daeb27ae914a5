package io.popsight.model;

/**
 * One head: a map of cells with four box distances (none where whole photos are classified) and a
 * logit a class, kept as integer sums that this record scales. The graph's output of the sums is
 * called {@code sum_STRIDE}.
 *
 * @param stride input pixels a cell
 * @param rows cells from top to bottom
 * @param columns cells from left to right
 * @param scale factor a channel
 * @param bias summand a channel
 */
public record HeadMap(int stride, int rows, int columns, float[] scale, float[] bias) {

  /** Four distances, where there are boxes, and the classes. */
  public int channels() {
    return scale.length;
  }

  /** The real value of an integer sum, in float arithmetic: one place for every backend. */
  public float value(int sum, int channel) {
    return sum * scale[channel] + bias[channel];
  }

  /** Name of the graph's output with the sums. */
  public String sumOutput() {
    return sumOutput(stride);
  }

  /** Name of the output with the sums of the head of that stride. */
  public static String sumOutput(int stride) {
    return "sum_" + stride;
  }

  /** Name of the graph's output with the scaled values. */
  public String valueOutput() {
    return "head_" + stride;
  }
}
