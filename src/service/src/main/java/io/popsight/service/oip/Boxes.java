package io.popsight.service.oip;

import io.popsight.service.detect.PhotoAnswer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Boxes of several photos as tensors: [N, M, 4] edges in pixels of each photo (x_min, y_min, x_max,
 * y_max), [N, M] scores, [N, M] class ids. M is the most that one photo has; a shorter row ends
 * with score 0 and class -1.
 */
final class Boxes {

  static final TensorSpec BOXES = TensorSpec.of("boxes", Datatype.FP32, -1, -1, 4);
  static final TensorSpec SCORES = TensorSpec.of("scores", Datatype.FP32, -1, -1);
  static final TensorSpec LABELS = TensorSpec.of("labels", Datatype.INT64, -1, -1);

  private final List<List<PhotoAnswer.Found>> photos = new ArrayList<>();

  void add(List<PhotoAnswer.Found> photo) {
    photos.add(photo);
  }

  /** The tensors, in the order of the specs. */
  List<Tensor> tensors(List<TensorSpec> order) {
    int most = photos.stream().mapToInt(List::size).max().orElse(0);
    float[] boxes = new float[photos.size() * most * 4];
    float[] scores = new float[photos.size() * most];
    long[] labels = new long[photos.size() * most];
    Arrays.fill(labels, -1);
    for (int p = 0; p < photos.size(); p++) {
      int at = p * most;
      for (PhotoAnswer.Found found : photos.get(p)) {
        PhotoAnswer.Box box = found.box();
        boxes[4 * at] = box.xMin();
        boxes[4 * at + 1] = box.yMin();
        boxes[4 * at + 2] = box.xMax();
        boxes[4 * at + 3] = box.yMax();
        scores[at] = found.score();
        labels[at] = found.classId();
        at++;
      }
    }
    List<Long> rows = List.of((long) photos.size(), (long) most);
    List<Tensor> all =
        List.of(
            Tensor.floats(BOXES.name(), List.of((long) photos.size(), (long) most, 4L), boxes),
            Tensor.floats(SCORES.name(), rows, scores),
            Tensor.longs(LABELS.name(), rows, labels));
    return order.stream()
        .flatMap(spec -> all.stream().filter(tensor -> tensor.name().equals(spec.name())))
        .toList();
  }
}
