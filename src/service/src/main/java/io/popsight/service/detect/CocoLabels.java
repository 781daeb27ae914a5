package io.popsight.service.detect;

import java.util.Map;

/** Names of VOC's classes as COCO spells them, which cameras' software knows. */
public final class CocoLabels {

  private static final Map<String, String> OF_VOC =
      Map.of(
          "motorbike", "motorcycle",
          "aeroplane", "airplane",
          "sofa", "couch",
          "tvmonitor", "tv",
          "pottedplant", "potted plant",
          "diningtable", "dining table");

  private CocoLabels() {}

  /** COCO's name of a class; the same where it has none of its own. */
  public static String of(String label) {
    return OF_VOC.getOrDefault(label, label);
  }
}
