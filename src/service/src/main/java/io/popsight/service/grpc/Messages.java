package io.popsight.service.grpc;

import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.v1.Box;
import io.popsight.v1.DetectRequest;
import io.popsight.v1.DetectResponse;
import io.popsight.v1.FoundObject;
import io.popsight.v1.ImageSize;
import io.popsight.v1.SpikeRate;
import io.popsight.v1.Timings;
import java.util.List;
import java.util.Optional;

/** Between messages and the service's own records. */
final class Messages {

  private Messages() {}

  static DetectionRequest request(DetectRequest message) {
    return new DetectionRequest(
        Optional.of(message.getModel()).filter(name -> !name.isEmpty()),
        Optional.empty(),
        Optional.of(message.getBackend()).filter(name -> !name.isEmpty()),
        message.hasMinScore() ? Optional.of(message.getMinScore()) : Optional.empty(),
        message.hasIou() ? Optional.of(message.getIou()) : Optional.empty(),
        message.hasMaxDetections() ? Optional.of(message.getMaxDetections()) : Optional.empty(),
        List.copyOf(message.getLabelsList()),
        message.hasTiles() ? Optional.of(message.getTiles()) : Optional.empty());
  }

  static DetectResponse response(PhotoAnswer answer, DetectRequest asked) {
    PhotoAnswer.Timings t = answer.timingsMs();
    DetectResponse.Builder response =
        DetectResponse.newBuilder()
            .setModel(answer.model())
            .setVersion(answer.version())
            .setBackend(answer.backend())
            .setImage(
                ImageSize.newBuilder()
                    .setWidth(answer.image().width())
                    .setHeight(answer.image().height()))
            .setTimingsMs(
                Timings.newBuilder()
                    .setQueue(t.queue())
                    .setDecode(t.decode())
                    .setPreprocess(t.preprocess())
                    .setInfer(t.infer())
                    .setPostprocess(t.postprocess())
                    .setTotal(t.total()))
            .setRequestId(
                asked.getRequestId().isEmpty() ? answer.requestId() : asked.getRequestId());
    answer.detections().forEach(found -> response.addDetections(object(found)));
    answer
        .spikeRates()
        .forEach(
            rate ->
                response.addSpikeRates(
                    SpikeRate.newBuilder()
                        .setLayer(rate.layer())
                        .setRate(rate.rate())
                        .setTrainingRate(rate.trainingRate())));
    return response.build();
  }

  private static FoundObject.Builder object(PhotoAnswer.Found found) {
    PhotoAnswer.Box box = found.box();
    return FoundObject.newBuilder()
        .setLabel(found.label())
        .setClassId(found.classId())
        .setScore(found.score())
        .setBox(
            Box.newBuilder()
                .setXMin(box.xMin())
                .setYMin(box.yMin())
                .setXMax(box.xMax())
                .setYMax(box.yMax()));
  }
}
