package io.popsight.service.doods;

import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.model.ModelMetadata;
import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.CocoLabels;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.doods.DoodsAnswer.Found;
import io.popsight.service.fetch.PhotoFetcher;
import io.popsight.service.model.ModelRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code GET /detectors}, {@code POST /detect}, {@code POST /image}. */
@RestController
@ConditionalOnProperty(name = "popsight.doors.doods", matchIfMissing = true)
class DoodsController {

  private static final int DEEPEST = 16;

  private final DetectionDesk desk;
  private final ModelRegistry models;
  private final PhotoFetcher fetcher;
  private final int maxBody;
  private final JsonMapper json;

  DoodsController(
      DetectionDesk desk,
      ModelRegistry models,
      PhotoFetcher fetcher,
      PopsightProperties properties) {
    this.desk = desk;
    this.models = models;
    this.fetcher = fetcher;
    // Four letters for three bytes, and room for the rest of the request.
    this.maxBody = Math.toIntExact(properties.maxPhotoSize().toBytes() / 3 * 4 + (64 << 10));
    this.json =
        JsonMapper.builder(
                JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxStringLength(maxBody)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
  }

  /** A model in DOODS' terms. */
  record DetectorEntry(
      String name, String type, String model, List<String> labels, int width, int height) {}

  @GetMapping("/detectors")
  Map<String, List<DetectorEntry>> detectors() {
    Stream<DetectorEntry> standard = Stream.of(entry("default", models.defaultModel()));
    return Map.of(
        "detectors",
        Stream.concat(standard, models.names().stream().map(name -> entry(name, name))).toList());
  }

  /** Photos of any size are taken, which DOODS says with zeros. */
  private DetectorEntry entry(String name, String model) {
    ModelMetadata newest = models.versions(model).getLast();
    return new DetectorEntry(
        name,
        "popsight",
        newest.name() + " " + newest.version(),
        models.labels(model).stream().map(CocoLabels::of).toList(),
        0,
        0);
  }

  @PostMapping("/detect")
  DoodsAnswer detect(HttpServletRequest http) throws IOException {
    DoodsRequest request = read(http);
    byte[] photo = photo(request);
    Optional<Function<Photo, byte[]>> encoder = encoder(request);
    if (encoder.isPresent()) {
      DetectionDesk.Pictured pictured = pictured(photo, request, encoder.get());
      return answer(
          request,
          pictured.answer(),
          Optional.of(Base64.getEncoder().encodeToString(pictured.picture())));
    }
    return answer(request, desk.answer(photo, asked(request)), Optional.empty());
  }

  @PostMapping("/image")
  ResponseEntity<byte[]> image(HttpServletRequest http) throws IOException {
    DoodsRequest request = read(http);
    return ResponseEntity.ok()
        .contentType(MediaType.IMAGE_JPEG)
        .body(pictured(photo(request), request, PhotoEncoder::jpeg).picture());
  }

  private DoodsRequest read(HttpServletRequest http) throws IOException {
    byte[] body = http.getInputStream().readNBytes(maxBody + 1);
    if (body.length > maxBody) {
      throw new RefusedException(
          Refusal.TOO_LARGE, "a request holds at most %d bytes".formatted(maxBody));
    }
    try {
      DoodsRequest request = json.readValue(body, DoodsRequest.class);
      if (request == null) {
        throw new RefusedException(Refusal.MALFORMED_REQUEST, "the request must be an object");
      }
      return request.checked();
    } catch (JacksonException e) {
      throw new RefusedException(
          Refusal.MALFORMED_REQUEST, "the request cannot be read: " + e.getOriginalMessage());
    }
  }

  private byte[] photo(DoodsRequest request) {
    String data = String.valueOf(request.data());
    // No base64 has a colon in it.
    if (data.length() < 8192 && data.contains("://")) {
      return fetcher.fetch(data.strip());
    }
    try {
      return Base64.getMimeDecoder().decode(data.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          Refusal.MALFORMED_REQUEST, "data is neither base64 nor a URL: " + e.getMessage());
    }
  }

  private static DetectionRequest asked(DoodsRequest request) {
    float lowest = request.lowest().orElse(100f) / 100;
    return new DetectionRequest(
        request.model(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(Math.min(lowest, 1)),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  private static Optional<Function<Photo, byte[]>> encoder(DoodsRequest request) {
    String kind = request.image() == null ? "" : request.image();
    return switch (kind) {
      case "", "false" -> Optional.empty();
      case "jpeg", ".jpeg", "jpg", ".jpg", "true" -> Optional.of(PhotoEncoder::jpeg);
      case "png", ".png" -> Optional.of(PhotoEncoder::png);
      default ->
          throw new RefusedException(
              Refusal.INVALID_PARAMETER, "image must be jpeg or png, got '%s'".formatted(kind));
    };
  }

  private DetectionDesk.Pictured pictured(
      byte[] photo, DoodsRequest request, Function<Photo, byte[]> encoder) {
    DoodsRules rules = new DoodsRules(request);
    return desk.pictured(
        photo,
        asked(request),
        (label, d, width, height) ->
            rules
                .of(
                    found(
                        label,
                        d.score(),
                        new PhotoAnswer.Box(
                            d.box().xMin(), d.box().yMin(), d.box().xMax(), d.box().yMax()),
                        new PhotoAnswer.Image(width, height)))
                .isPresent(),
        encoder);
  }

  private static DoodsAnswer answer(
      DoodsRequest request, PhotoAnswer answer, Optional<String> picture) {
    DoodsRules rules = new DoodsRules(request);
    List<Found> kept =
        answer.detections().stream()
            .map(f -> found(f.label(), f.score(), f.box(), answer.image()))
            .map(rules::of)
            .flatMap(Optional::stream)
            .toList();
    return new DoodsAnswer(
        request.id(), picture.orElse(null), kept, Math.round(answer.timingsMs().total()), null);
  }

  private static Found found(
      String label, float score, PhotoAnswer.Box box, PhotoAnswer.Image image) {
    return new Found(
        null,
        box.yMin() / image.height(),
        box.xMin() / image.width(),
        box.yMax() / image.height(),
        box.xMax() / image.width(),
        CocoLabels.of(label),
        100 * score);
  }
}
