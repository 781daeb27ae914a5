package io.popsight.trainer.loss;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.tensor.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Binary cross-entropy on class scores and generalised IoU on boxes, over task-aligned cells. */
public final class DetectionLoss implements Loss {

  private static final double MAX_LOG_DISTANCE = 6;

  private final CellGrid grid;
  private final int classes;
  private final double boxWeight;

  /**
   * For a grid of cells and a number of classes.
   *
   * @param boxWeight factor of the boxes' part
   */
  public DetectionLoss(CellGrid grid, int classes, double boxWeight) {
    this.grid = grid;
    this.classes = classes;
    this.boxWeight = boxWeight;
  }

  @Override
  public Parts of(Tensor cells, List<List<GroundTruth>> objects) {
    Targets targets = targets(Tensors.toArray(cells), objects);
    int photos = objects.size();
    Tensor logits = cells.narrow(2, 4, classes);
    Tensor wanted = Tensors.beside(cells, Tensors.of(targets.scores, photos, grid.size(), classes));
    double norm = Math.max(targets.weight, 1);
    Tensor scores =
        Tensors.times(
            torch.binary_cross_entropy_with_logits(
                logits, wanted, new TensorOptional(), new TensorOptional(), 2),
            1 / norm);
    Tensor boxes = Tensors.times(boxLoss(cells, targets), boxWeight / norm);
    return new Parts(scores.add(boxes), scores, boxes);
  }

  /** Sum over the cells in use of weight * (1 - GIoU). */
  private static Tensor boxLoss(Tensor cells, Targets t) {
    if (t.cells.length == 0) {
      return Tensors.times(cells.sum(), 0);
    }
    long k = t.cells.length;
    Tensor distances =
        cells
            .narrow(2, 0, 4)
            .reshape(-1, 4)
            .index_select(0, Tensors.beside(cells, Tensors.indices(t.cells)));
    Tensor d =
        Tensors.clamp(distances, -MAX_LOG_DISTANCE, MAX_LOG_DISTANCE)
            .exp()
            .mul(Tensors.beside(cells, Tensors.of(t.strides, k, 1)));
    Tensor truth = Tensors.beside(cells, Tensors.of(t.distances, k, 4));
    // Both boxes are seen from the cell's centre, which lies inside the true one: left, top, right,
    // bottom.
    Tensor inner = torch.minimum(d, truth);
    Tensor outer = torch.maximum(d, truth);
    Tensor intersection = area(inner);
    Tensor union = area(d).add(area(truth)).sub(intersection);
    Tensor hull = area(outer);
    Tensor giou =
        intersection
            .div(Tensors.plus(union, 1e-7))
            .sub(hull.sub(union).div(hull.clamp_min(new Scalar(1e-7))));
    return Tensors.plus(Tensors.times(giou, -1), 1)
        .mul(Tensors.beside(cells, Tensors.of(t.weights, k)))
        .sum();
  }

  private static Tensor area(Tensor ltrb) {
    return ltrb.select(1, 0).add(ltrb.select(1, 2)).mul(ltrb.select(1, 1).add(ltrb.select(1, 3)));
  }

  /** What each cell of a batch shall say; only assigned cells are listed for boxes. */
  private static final class Targets {
    private final float[] scores;
    private long[] cells = {};
    private float[] strides = {};
    private float[] distances = {};
    private float[] weights = {};
    private double weight;

    Targets(int size) {
      scores = new float[size];
    }
  }

  private Targets targets(float[] output, List<List<GroundTruth>> objects) {
    int n = grid.size();
    Targets targets = new Targets(objects.size() * n * classes);
    TaskAlignedAssigner.Assignment[] assignments =
        new TaskAlignedAssigner.Assignment[objects.size()];
    IntStream.range(0, objects.size())
        .parallel()
        .forEach(photo -> assignments[photo] = assign(output, photo, objects.get(photo)));
    int used = 0;
    for (int photo = 0; photo < objects.size(); photo++) {
      for (int owner : assignments[photo].object()) {
        used += owner >= 0 ? 1 : 0;
      }
    }
    targets.cells = new long[used];
    targets.strides = new float[used];
    targets.distances = new float[4 * used];
    targets.weights = new float[used];
    int k = 0;
    for (int photo = 0; photo < objects.size(); photo++) {
      for (int c = 0; c < n; c++) {
        int owner = assignments[photo].object()[c];
        if (owner < 0) {
          continue;
        }
        GroundTruth object = objects.get(photo).get(owner);
        float target = assignments[photo].target()[c];
        targets.scores[(photo * n + c) * classes + object.classId()] = target;
        targets.weight += target;
        targets.cells[k] = (long) photo * n + c;
        targets.strides[k] = grid.stride(c);
        targets.weights[k] = target;
        targets.distances[4 * k] = grid.x(c) - object.box().xMin();
        targets.distances[4 * k + 1] = grid.y(c) - object.box().yMin();
        targets.distances[4 * k + 2] = object.box().xMax() - grid.x(c);
        targets.distances[4 * k + 3] = object.box().yMax() - grid.y(c);
        k++;
      }
    }
    return targets;
  }

  private TaskAlignedAssigner.Assignment assign(
      float[] output, int photo, List<GroundTruth> objects) {
    int n = grid.size();
    int width = 4 + classes;
    BoundingBox[] boxes = new BoundingBox[n];
    float[][] scores = new float[n][classes];
    for (int c = 0; c < n; c++) {
      int at = (photo * n + c) * width;
      boxes[c] = grid.box(c, output[at], output[at + 1], output[at + 2], output[at + 3]);
      for (int k = 0; k < classes; k++) {
        scores[c][k] = (float) (1 / (1 + Math.exp(-output[at + 4 + k])));
      }
    }
    return TaskAlignedAssigner.assign(grid, boxes, scores, objects);
  }
}
