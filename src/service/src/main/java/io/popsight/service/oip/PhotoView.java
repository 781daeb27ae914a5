package io.popsight.service.oip;

import io.popsight.model.ModelMetadata;
import io.popsight.service.desk.Base64Text;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.oip.InferenceAnswer.Stages;
import java.util.List;

/** {@code NAME}: encoded photos in, boxes out. */
record PhotoView(ModelMetadata metadata) implements ModelView {

  static final TensorSpec IMAGE = TensorSpec.of("image", Datatype.BYTES, -1);

  @Override
  public String suffix() {
    return "";
  }

  @Override
  public List<TensorSpec> inputs() {
    return List.of(IMAGE);
  }

  @Override
  public List<TensorSpec> outputs() {
    return List.of(Boxes.BOXES, Boxes.SCORES, Boxes.LABELS);
  }

  @Override
  public InferenceAnswer infer(DetectionDesk desk, InferenceRequest request) {
    DetectionRequest asked = request.detection(metadata.name(), metadata.version());
    Boxes boxes = new Boxes();
    Stages stages = Stages.NONE;
    List<byte[]> photos = request.input(IMAGE.name()).elements();
    photos.replaceAll(PhotoView::photo);
    for (PhotoAnswer answer :
        desk.answers(photos, photo -> "%s[%d]".formatted(IMAGE.name(), photo), asked)) {
      boxes.add(answer.detections());
      stages = stages.plus(Stages.of(answer.timingsMs()));
    }
    return new InferenceAnswer(boxes.tensors(outputs()), stages, photos.size());
  }

  /** MLServer's and KServe's clients send the text that JSON needs over gRPC too. */
  private static byte[] photo(byte[] element) {
    try {
      return Base64Text.photo(element);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER,
          "input '%s': neither a photo nor its base64: %s".formatted(IMAGE.name(), e.getMessage()));
    }
  }
}
