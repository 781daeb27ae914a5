package io.popsight.service.doods;

import io.popsight.model.ModelMetadata;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.Refusal;
import io.popsight.service.detect.CocoLabels;
import io.popsight.service.fetch.Camera;
import io.popsight.service.metrics.Door;
import io.popsight.service.metrics.Outcome;
import io.popsight.service.metrics.RequestInProgress;
import io.popsight.service.metrics.RequestMetrics;
import io.popsight.service.model.ListedModel;
import io.popsight.service.model.ModelRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /detectors}, {@code POST /detect}, {@code POST /image}, {@code GET /stream}. */
@RestController
@ConditionalOnProperty(name = "popsight.doors.doods", matchIfMissing = true)
class DoodsController {

  private static final String BOUNDARY = "frame";
  private static final Door STREAM = Door.rest("doods");

  private final DoodsDetection detection;
  private final ModelRegistry models;
  private final RequestMetrics metrics;
  private final BodyMemory memory;

  DoodsController(
      DoodsDetection detection, ModelRegistry models, RequestMetrics metrics, BodyMemory memory) {
    this.detection = detection;
    this.models = models;
    this.metrics = metrics;
    this.memory = memory;
  }

  /** A model in DOODS' terms. */
  record DetectorEntry(
      String name, String type, String model, List<String> labels, int width, int height) {}

  @GetMapping("/detectors")
  Map<String, List<DetectorEntry>> detectors() {
    List<ListedModel> listed = models.listed();
    return Map.of(
        "detectors",
        Stream.concat(
                listed.stream()
                    .filter(ListedModel::isDefault)
                    .map(model -> entry("default", model)),
                listed.stream().map(model -> entry(model.name(), model)))
            .toList());
  }

  /**
   * With the size of the network's input, as DOODS' own detectors say theirs: photos of any size
   * are taken, but OS-NVR scales its frames to these and cannot to zeros.
   */
  private static DetectorEntry entry(String name, ListedModel model) {
    ModelMetadata newest = model.newest();
    return new DetectorEntry(
        name,
        "popsight",
        newest.name() + " " + newest.version(),
        model.settings().labels(newest).stream().map(CocoLabels::of).toList(),
        newest.inputWidth(),
        newest.inputHeight());
  }

  @PostMapping("/detect")
  DoodsAnswer detect(
      HttpServletRequest http, @RequestAttribute(BodyMemory.OF_REQUEST) BodyMemory.Share share)
      throws IOException {
    DoodsRequest request = read(http);
    return detection.with(request, photo -> detection.answer(photo, request, share));
  }

  @PostMapping("/image")
  ResponseEntity<byte[]> image(
      HttpServletRequest http, @RequestAttribute(BodyMemory.OF_REQUEST) BodyMemory.Share share)
      throws IOException {
    DoodsRequest request = read(http);
    return ResponseEntity.ok()
        .contentType(MediaType.IMAGE_JPEG)
        .body(detection.with(request, photo -> detection.jpeg(photo, request, share)));
  }

  private DoodsRequest read(HttpServletRequest http) throws IOException {
    return detection.read(http.getInputStream().readNBytes(detection.maxBody() + 1));
  }

  /** A camera with boxes drawn on its frames, as a browser shows it in an {@code img}. */
  @GetMapping("/stream")
  void stream(@RequestParam("detect_request") String asked, HttpServletResponse response)
      throws IOException {
    DoodsRequest request = detection.read(asked.getBytes(StandardCharsets.UTF_8));
    try (Camera camera = detection.camera(request)) {
      RequestMetrics.Photos photos = metrics.stream(STREAM);
      Optional<byte[]> frame = camera.next();
      response.setContentType("multipart/x-mixed-replace;boundary=" + BOUNDARY);
      OutputStream out = response.getOutputStream();
      while (frame.isPresent()) {
        byte[] photo = frame.get();
        try (BodyMemory.Share share = memory.open()) {
          Optional<byte[]> jpeg = photos.answer(() -> drawn(photo, request, share));
          if (jpeg.isPresent()) {
            write(jpeg.get(), out);
          }
        }
        frame = camera.next();
      }
      out.write(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static void write(byte[] jpeg, OutputStream out) throws IOException {
    String head =
        "--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
            .formatted(BOUNDARY, jpeg.length);
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(jpeg);
    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /**
   * Empty where it can be another frame's turn: that one may find a place. A frame that fails ends
   * the stream, and is answered when its own measuring is over.
   */
  private Optional<byte[]> drawn(byte[] frame, DoodsRequest request, BodyMemory.Share share) {
    try {
      return Optional.of(detection.jpeg(frame, request, share));
    } catch (RuntimeException e) {
      if (Refusal.secondsUntilRetry(e).isPresent()) {
        Optional<Refusal> _ = Refusal.counted(e, metrics);
        return Optional.empty();
      }
      Outcome outcome = Refusal.of(e).map(Refusal::outcome).orElse(Outcome.ERROR);
      RequestInProgress.current().ifPresent(r -> r.endsAs(outcome));
      throw e;
    }
  }
}
