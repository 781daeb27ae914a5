package io.popsight.service.oip;

import io.popsight.backend.Scratch;
import io.popsight.geometry.Letterbox;
import io.popsight.model.ModelMetadata;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.oip.InferenceAnswer.Stages;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * {@code NAME-pixels}: what clients of DETR-like detectors send and read by position (docling
 * does): photos stretched to the network's size as floats from 0 to 1 [N, 3, H, W], and their
 * original sizes [N, 2] as (width, height); labels, boxes and scores come back, boxes in original
 * pixels.
 */
record PixelsView(ModelMetadata metadata) implements ModelView {

  static final String SUFFIX = "-pixels";

  private static final String PIXELS = "pixel_values";
  private static final String SIZES = "orig_target_sizes";
  private static final long LONGEST_SIDE = 1 << 20;

  @Override
  public String suffix() {
    return SUFFIX;
  }

  @Override
  public List<TensorSpec> inputs() {
    return List.of(
        TensorSpec.of(PIXELS, Datatype.FP32, -1, 3, metadata.inputHeight(), metadata.inputWidth()),
        TensorSpec.of(SIZES, Datatype.INT64, -1, 2));
  }

  @Override
  public List<TensorSpec> outputs() {
    return List.of(Boxes.LABELS, Boxes.BOXES, Boxes.SCORES);
  }

  @Override
  public InferenceAnswer infer(DetectionDesk desk, InferenceRequest request) {
    DetectionRequest asked = request.detection(metadata.name(), metadata.version());
    Tensor pixels = request.input(PIXELS);
    Tensor sizes = request.input(SIZES);
    int batch = Math.toIntExact(pixels.shape().getFirst());
    if (sizes.shape().getFirst() != batch) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER,
          "%s has shape %s for %d photos".formatted(SIZES, sizes.shape(), batch));
    }
    Boxes boxes = new Boxes();
    Stages stages = Stages.NONE;
    DetectionDesk.Inputs inputs =
        (n, scratch) -> {
          Letterbox stretched = stretched(side(sizes, 2 * n), side(sizes, 2 * n + 1));
          fill(scratch, photo(pixels, n, batch));
          return stretched;
        };
    for (PhotoAnswer answer : desk.looks(asked, batch, inputs)) {
      boxes.add(answer.detections());
      stages = stages.plus(Stages.of(answer.timingsMs()));
    }
    return new InferenceAnswer(boxes.tensors(outputs()), stages, batch);
  }

  private static ByteBuffer photo(Tensor pixels, int n, int batch) {
    int size = pixels.data().capacity() / batch;
    return pixels.data().slice(n * size, size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int side(Tensor sizes, int index) {
    long side = sizes.data().getLong(index * Long.BYTES);
    if (side < 1 || side > LONGEST_SIDE) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER,
          "%s: a side must be in 1..%d, got %d".formatted(SIZES, LONGEST_SIDE, side));
    }
    return (int) side;
  }

  /** Each axis by its own factor, no bars. */
  private Letterbox stretched(int width, int height) {
    return new Letterbox(
        width,
        height,
        metadata.inputWidth(),
        metadata.inputHeight(),
        metadata.inputWidth(),
        metadata.inputHeight(),
        0,
        0);
  }

  private static void fill(Scratch scratch, ByteBuffer planes) {
    byte[] pixels = scratch.pixels();
    int plane = pixels.length / 3;
    for (int p = 0; p < plane; p++) {
      for (int c = 0; c < 3; c++) {
        float value = planes.getFloat((c * plane + p) * Float.BYTES);
        // Written so that NaN is refused too.
        if (!(value >= 0 && value <= 1)) {
          throw new RefusedException(
              Refusal.INVALID_PARAMETER,
              "%s: values must be in 0..1, got %s".formatted(PIXELS, value));
        }
        pixels[3 * p + c] = (byte) Math.round(255 * value);
      }
    }
  }
}
