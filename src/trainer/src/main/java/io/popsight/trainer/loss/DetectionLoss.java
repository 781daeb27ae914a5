package io.popsight.trainer.loss;

import io.popsight.geometry.BoundingBox;
import io.popsight.trainer.augment.BatchSource;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.tensor.Tensors;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Binary cross-entropy on class scores, and the overlap of boxes, over assigned cells. */
public final class DetectionLoss implements Loss {

  /** Within what serving cuts off (7): beyond it no gradient pulls a box wider. */
  private static final double LARGEST_TRAINED_LOG_DISTANCE = 6;

  private final CellGrid grid;
  private final int classes;
  private final Assigner assigner;
  private final BoxOverlap overlap;
  private final double boxWeight;

  /**
   * For a grid of cells and a number of classes.
   *
   * @param assigner chooses the cells that answer for an object
   * @param overlap what boxes are measured by
   * @param boxWeight factor of the boxes' part
   */
  public DetectionLoss(
      CellGrid grid, int classes, Assigner assigner, BoxOverlap overlap, double boxWeight) {
    this.grid = grid;
    this.classes = classes;
    this.assigner = assigner;
    this.overlap = overlap;
    this.boxWeight = boxWeight;
  }

  @Override
  public Parts of(Tensor cells, BatchSource.Batch batch) {
    List<List<GroundTruth>> objects = batch.objects();
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
    Tensor boxes = Tensors.times(boxLoss(cells, targets), 1 / norm);
    return new Parts(scores.add(boxes), scores, boxes);
  }

  private Tensor boxLoss(Tensor cells, Targets t) {
    if (t.cells.length == 0) {
      return Tensors.times(cells.sum(), 0);
    }
    long k = t.cells.length;
    Tensor logs =
        cells
            .narrow(2, 0, 4)
            .reshape(-1, 4)
            .index_select(0, Tensors.beside(cells, Tensors.indices(t.cells)));
    return disagreement(
        logs,
        Tensors.beside(cells, Tensors.of(t.distances, k, 4)),
        Tensors.beside(cells, Tensors.of(t.weights, k)));
  }

  /**
   * How far boxes are from others: weighted sum of 1 - overlap, times the boxes' factor.
   *
   * @param logs [K, 4], logarithms of the distances from a cell's centre to the sides, in strides
   * @param others [K, 4], distances in strides
   * @param weights [K]
   */
  Tensor disagreement(Tensor logs, Tensor others, Tensor weights) {
    Tensor apart = Tensors.plus(Tensors.times(overlap.of(distances(logs), others), -1), 1);
    return Tensors.times(apart.mul(weights).sum(), boxWeight);
  }

  /** In strides, of their logarithms. */
  static Tensor distances(Tensor logs) {
    return Tensors.clamp(logs, -LARGEST_TRAINED_LOG_DISTANCE, LARGEST_TRAINED_LOG_DISTANCE).exp();
  }

  /** What each cell of a batch shall say; only assigned cells are listed for boxes. */
  private static final class Targets {
    private final float[] scores;
    private long[] cells = {};
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
    Assignment[] assignments = new Assignment[objects.size()];
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
        float stride = grid.stride(c);
        targets.scores[(photo * n + c) * classes + object.classId()] = target;
        targets.weight += target;
        targets.cells[k] = (long) photo * n + c;
        targets.weights[k] = target;
        targets.distances[4 * k] = (grid.x(c) - object.box().xMin()) / stride;
        targets.distances[4 * k + 1] = (grid.y(c) - object.box().yMin()) / stride;
        targets.distances[4 * k + 2] = (object.box().xMax() - grid.x(c)) / stride;
        targets.distances[4 * k + 3] = (object.box().yMax() - grid.y(c)) / stride;
        k++;
      }
    }
    return targets;
  }

  private Assignment assign(float[] output, int photo, List<GroundTruth> objects) {
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
    return assigner.assign(grid, boxes, scores, objects);
  }
}
