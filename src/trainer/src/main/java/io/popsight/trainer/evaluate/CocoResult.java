package io.popsight.trainer.evaluate;

import java.util.List;

/**
 * The figures of the COCO detection challenge: 101-point AP, at most 100 detections a class and
 * photo. A size is a box's area in pixels of the photo: small under 32 x 32, medium under 96 x 96,
 * large from there. NaN where no object of that kind is there.
 *
 * @param map mean AP over IoU 0.50, 0.55 .. 0.95
 * @param map50 mean AP at IoU 0.5
 * @param map75 mean AP at IoU 0.75
 * @param small mean AP over the ten thresholds, of small objects
 * @param medium of medium ones
 * @param large of large ones
 * @param recall1 mean recall over the ten thresholds with the best box a class and photo
 * @param recall10 with the ten best
 * @param recall100 with the hundred best
 * @param perClass AP over the ten thresholds, in the order of the labels
 */
public record CocoResult(
    double map,
    double map50,
    double map75,
    double small,
    double medium,
    double large,
    double recall1,
    double recall10,
    double recall100,
    List<Double> perClass) {}
