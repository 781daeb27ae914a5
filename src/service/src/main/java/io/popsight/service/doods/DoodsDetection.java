package io.popsight.service.doods;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.popsight.JsonMistake;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.Base64Text;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.Seen;
import io.popsight.service.doods.DoodsAnswer.Found;
import io.popsight.service.fetch.Camera;
import io.popsight.service.fetch.PhotoFetcher;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What DOODS' clients ask, over HTTP and over WebSockets alike. */
@Component
@ConditionalOnProperty(name = "popsight.doors.doods", matchIfMissing = true)
final class DoodsDetection {

  private static final int DEEPEST = 16;

  /** A label with its confidence is two; each costs many times its bytes. */
  private static final int MOST_TOKENS = 10_000;

  /** A picture's base64, and the JSON around it as pieces, as bytes and as text. */
  private static final int COPIES_OF_PICTURE = 4;

  private final DetectionDesk desk;
  private final PhotoFetcher fetcher;
  private final int maxBody;
  private final int maxDetections;
  private final JsonMapper json;

  DoodsDetection(DetectionDesk desk, PhotoFetcher fetcher, PopsightProperties properties) {
    this.desk = desk;
    this.fetcher = fetcher;
    this.maxBody = properties.maxPhotoText();
    this.maxDetections = properties.doods().maxDetections();
    this.json =
        JsonMapper.builder(
                JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxStringLength(maxBody)
                            .maxTokenCount(MOST_TOKENS)
                            .build())
                    .build())
            .changeDefaultNullHandling(_ -> JsonSetter.Value.forContentNulls(Nulls.FAIL))
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
  }

  /** Most bytes of a request. */
  int maxBody() {
    return maxBody;
  }

  /**
   * A request.
   *
   * @throws RefusedException naming what is wrong
   */
  DoodsRequest read(byte[] body) {
    return parsed(body).checked();
  }

  /**
   * A request that is yet to be {@link DoodsRequest#checked}.
   *
   * @throws RefusedException if it is not one at all
   */
  DoodsRequest parsed(byte[] body) {
    if (body.length > maxBody) {
      throw new RefusedException(
          Refusal.TOO_LARGE, "a request holds at most %d bytes".formatted(maxBody));
    }
    try {
      DoodsRequest request = json.readValue(body, DoodsRequest.class);
      if (request == null) {
        throw new RefusedException(Refusal.MALFORMED_REQUEST, "the request must be an object");
      }
      return request;
    } catch (JacksonException e) {
      throw new RefusedException(
          Refusal.MALFORMED_REQUEST, "the request cannot be read: " + JsonMistake.of(e));
    }
  }

  /** Does something with the photo that a request holds or names. */
  <T> T with(DoodsRequest request, Function<byte[], T> use) {
    String data = String.valueOf(request.data());
    // No base64 has a colon in it.
    return data.length() < 8192 && data.contains("://")
        ? fetcher.fetch(data.strip(), use)
        : use.apply(decoded(data));
  }

  private static byte[] decoded(String data) {
    try {
      return Base64Text.decode(data);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          Refusal.MALFORMED_REQUEST, "data is neither base64 nor a URL: " + e.getMessage());
    }
  }

  /** The camera that a request names. */
  Camera camera(DoodsRequest request) {
    desk.check(asked(request));
    return fetcher.camera(String.valueOf(request.data()).strip(), request.pause());
  }

  /**
   * An answer.
   *
   * @param share what a picture in it holds memory of, until it is sent
   */
  DoodsAnswer answer(byte[] photo, DoodsRequest request, BodyMemory.Share share) {
    Optional<BiFunction<Photo, IntConsumer, byte[]>> encoder = encoder(request);
    if (encoder.isEmpty()) {
      return answer(request, desk.answer(photo, asked(request)), Optional.empty());
    }
    IntConsumer room = bytes -> share.grow((long) COPIES_OF_PICTURE * bytes);
    Seen<byte[]> seen =
        desk.see(
            photo,
            asked(request),
            false,
            sight -> sight.annotated(drawn -> encoder.get().apply(drawn, room)));
    return answer(
        request, seen.answer(), Optional.of(Base64.getEncoder().encodeToString(seen.view())));
  }

  /** The photo with the wanted boxes, which holds memory until it is sent. */
  byte[] jpeg(byte[] photo, DoodsRequest request, BodyMemory.Share share) {
    return desk.picture(photo, asked(request), drawn -> PhotoEncoder.jpeg(drawn, share::grow));
  }

  private DetectionRequest asked(DoodsRequest request) {
    float lowest = request.lowest().orElse(100f) / 100;
    return new DetectionRequest(
        request.model(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(Math.min(lowest, 1)),
        Optional.empty(),
        Optional.of(maxDetections),
        List.of(),
        new DoodsRules(request),
        request.grayscale(),
        Optional.empty());
  }

  private static Optional<BiFunction<Photo, IntConsumer, byte[]>> encoder(DoodsRequest request) {
    String kind = request.image() == null ? "" : request.image();
    return switch (kind) {
      case "", "false" -> Optional.empty();
      case "jpeg", ".jpeg", "jpg", ".jpg", "image/jpeg", "true" -> Optional.of(PhotoEncoder::jpeg);
      case "png", ".png", "image/png" -> Optional.of(PhotoEncoder::png);
      default ->
          throw new RefusedException(
              Refusal.INVALID_PARAMETER, "image must be jpeg or png, got '%s'".formatted(kind));
    };
  }

  private static DoodsAnswer answer(
      DoodsRequest request, PhotoAnswer answer, Optional<String> picture) {
    DoodsRules rules = new DoodsRules(request);
    List<Found> kept =
        answer.detections().stream()
            .map(f -> Found.of(f.label(), f.score(), f.box(), answer.image()))
            .map(rules::of)
            .flatMap(Optional::stream)
            .toList();
    return new DoodsAnswer(
        request.id(), picture.orElse(null), kept, Math.round(answer.timingsMs().total()), null);
  }
}
