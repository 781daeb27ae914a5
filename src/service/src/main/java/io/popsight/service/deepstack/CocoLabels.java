package io.popsight.service.deepstack;

import java.util.Map;

/** Names of VOC's classes as COCO spells them. */
final class CocoLabels {

  private static final Map<String, String> OF_VOC =
      Map.of(
          "motorbike", "motorcycle",
          "aeroplane", "airplane",
          "sofa", "couch",
          "tvmonitor", "tv",
          "pottedplant", "potted plant",
          "diningtable", "dining table");

  private CocoLabels() {}

  static String of(String label) {
    return OF_VOC.getOrDefault(label, label);
  }
}
