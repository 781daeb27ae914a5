package io.popsight.trainer.evaluate;

import java.util.List;

/**
 * Average precision over a set of photos; means run over the classes that have objects.
 *
 * @param images photos looked at
 * @param map50 mean AP at IoU 0.5, all-point
 * @param map5011pt mean AP at IoU 0.5, 11-point (VOC 2007)
 * @param map mean AP over IoU 0.50, 0.55 .. 0.95, all-point
 * @param coco the COCO challenge's figures
 * @param perClass in the order of the labels
 */
public record EvaluationResult(
    int images,
    double map50,
    double map5011pt,
    double map,
    CocoResult coco,
    List<ClassResult> perClass) {

  /** A figure as a person reads it: a dash where there was nothing to measure. */
  public static String figure(double value, int digits) {
    return Double.isNaN(value) ? "-" : ("%." + digits + "f").formatted(value);
  }

  /**
   * One class; its figures are NaN without objects.
   *
   * @param label its name
   * @param ap50 AP at IoU 0.5, all-point
   * @param ap5011pt AP at IoU 0.5, 11-point
   * @param ap mean over IoU 0.50 to 0.95, all-point
   * @param coco mean over IoU 0.50 to 0.95, 101-point
   * @param groundTruths objects that are not difficult
   */
  public record ClassResult(
      String label, double ap50, double ap5011pt, double ap, double coco, int groundTruths) {}
}
