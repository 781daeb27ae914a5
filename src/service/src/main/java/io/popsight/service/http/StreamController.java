package io.popsight.service.http;

import io.popsight.service.Draining;
import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.BodyMemory;
import io.popsight.service.desk.DetectionDesk;
import io.popsight.service.desk.DetectionRequest;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import io.popsight.service.detect.InferencePool;
import io.popsight.service.fetch.Camera;
import io.popsight.service.fetch.PhotoFetcher;
import io.popsight.service.fetch.PhotoParts;
import io.popsight.service.metrics.RequestMetrics;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.UriComponentsBuilder;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /v1/stream}: a multipart body of many photos in, a line of JSON for each out as soon
 * as it is done, or a server-sent event with {@code Accept: text/event-stream}. A photo that is
 * refused is answered with its problem, and the stream goes on. {@code GET /v1/stream?url=} does
 * the same with the frames of a camera.
 */
@RestController
class StreamController {

  static final String PATH = "/v1/stream";

  /** The first where a caller likes both alike. */
  private static final List<MediaType> FORMS =
      List.of(MediaType.APPLICATION_NDJSON, MediaType.TEXT_EVENT_STREAM);

  private final DetectionDesk desk;
  private final PhotoFetcher fetcher;
  private final ProblemAdvice problems;
  private final RequestMetrics metrics;
  private final JsonMapper json;
  private final Draining draining;
  private final BodyMemory memory;
  private final int maxBytes;
  private final int photosAtOnce;

  StreamController(
      DetectionDesk desk,
      PhotoFetcher fetcher,
      ProblemAdvice problems,
      RequestMetrics metrics,
      JsonMapper json,
      PopsightProperties properties,
      InferencePool pool,
      Draining draining,
      BodyMemory memory) {
    this.desk = desk;
    this.fetcher = fetcher;
    this.problems = problems;
    this.metrics = metrics;
    this.json = json;
    this.draining = draining;
    this.memory = memory;
    this.maxBytes = Math.toIntExact(properties.maxPhotoSize().toBytes());
    this.photosAtOnce = pool.photosAtOnce();
  }

  @PostMapping(PATH)
  void stream(HttpServletRequest request, HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    MediaType form = Accepted.best(request, FORMS);
    String type = Objects.requireNonNullElse(request.getContentType(), "");
    PhotoParts parts =
        new PhotoParts(new AwaitedBody(request.getInputStream()), type, maxBytes, memory);
    DetectionRequest asked = asked(parameters(request));
    photos(form, response, asked).answer(parts);
  }

  @GetMapping(PATH)
  void camera(HttpServletRequest request, HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    MediaType form = Accepted.best(request, FORMS);
    DetectParameters parameters = parameters(request);
    DetectionRequest asked = asked(parameters);
    String url =
        parameters
            .text("url")
            .orElseThrow(
                () ->
                    new RefusedException(
                        Refusal.MISSING_PHOTO, "url is missing: that of a camera"));
    float fps = parameters.positive("fps", Float::valueOf).orElse(0f);
    int frames = parameters.positive("frames", Integer::valueOf).orElse(Integer.MAX_VALUE);
    Duration pause = fps == 0 ? Duration.ZERO : Duration.ofNanos((long) (1e9 / fps));
    try (Camera camera = fetcher.camera(url, pause)) {
      photos(form, response, asked).follow(camera, frames);
    }
  }

  private StreamedPhotos photos(
      MediaType form, HttpServletResponse response, DetectionRequest asked) throws IOException {
    response.setContentType(form.toString());
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.flushBuffer();
    boolean events = form.equals(MediaType.TEXT_EVENT_STREAM);
    StreamLines lines = new StreamLines(response.getOutputStream(), json, events);
    return new StreamedPhotos(
        lines, photosAtOnce, photo -> desk.answer(photo, asked), problems::told, metrics, draining);
  }

  private DetectionRequest asked(DetectParameters parameters) {
    if (parameters.format() != DetectParameters.Format.POPSIGHT || parameters.explainsSpikes()) {
      throw new RefusedException(
          Refusal.INVALID_PARAMETER,
          "the lines of a stream have one form; format and explain are for /v1/detect");
    }
    DetectionRequest asked = parameters.read();
    desk.check(asked);
    return asked;
  }

  /** From the query alone: asking the request for parameters would read the photos as a form. */
  private static DetectParameters parameters(HttpServletRequest request) {
    MultiValueMap<String, String> query =
        UriComponentsBuilder.newInstance().query(request.getQueryString()).build().getQueryParams();
    return new DetectParameters(
        name ->
            query.getOrDefault(name, List.of()).stream()
                .filter(Objects::nonNull)
                .map(value -> UriUtils.decode(value.replace('+', ' '), StandardCharsets.UTF_8))
                .toList());
  }
}
