package io.popsight.service;

import io.popsight.detection.DetectionLimits;
import io.popsight.geometry.Tiling;
import io.popsight.model.ModelMetadata;
import io.popsight.service.access.KeySettings;
import io.popsight.service.fetch.FetchSettings;
import io.popsight.service.model.ModelSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.format.annotation.DurationFormat;
import org.springframework.format.datetime.standard.DurationFormatterUtils;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the service, each {@code popsight.NAME}.
 *
 * @param models folder with NAME.onnx or NAME/VERSION.onnx
 * @param backend what runs a model unless a request asks for another: {@code popcount} or {@code
 *     onnx}
 * @param defaultModel what answers unless a request names another
 * @param perModel settings of single models
 * @param scanInterval how often the folder of models is looked at; 0 never
 * @param compareBackends whether a model must give the same answer on another backend before it
 *     serves
 * @param threads photos worked on at once; 0 takes the number of cores that the process may use
 * @param queue most photos that may wait; fewer where they would take longer than the deadline. One
 *     more is refused with 429
 * @param deadline how long a photo may take, waiting included; a request may ask for less
 * @param keys API keys; none at all lets everybody in
 * @param keyFile more keys, one a line: {@code name roles secret [rate]}
 * @param corsOrigins origins whose pages may ask from a browser
 * @param drain how long to go on serving after SIGTERM, readiness being false
 * @param maxPhotoSize bytes of an encoded photo
 * @param minUploadRate bytes a second that what is sent must keep up; 0 is no bound
 * @param maxPhotoPixels pixels of a decoded photo
 * @param doors which protocols are spoken besides the service's own
 * @param urlFetch photos that a request names by URL
 * @param deepstack how DeepStack's and CodeProject.AI's clients are answered
 * @param doods how DOODS' clients are answered
 * @param playground the page at {@code /}
 * @param apiDocs the OpenAPI document at {@code /v3/api-docs} and Swagger UI
 */
@ConfigurationProperties(value = "popsight", ignoreUnknownFields = false)
public record PopsightProperties(
    @DefaultValue("models") String models,
    @DefaultValue("popcount") String backend,
    @DefaultValue(DEFAULT_MODEL) String defaultModel,
    @DefaultValue List<ModelSettings> perModel,
    @DefaultValue("2s") @DurationUnit(ChronoUnit.SECONDS) Duration scanInterval,
    @DefaultValue("false") boolean compareBackends,
    @DefaultValue("0") int threads,
    @DefaultValue("32") int queue,
    @DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration deadline,
    @DefaultValue List<KeySettings> keys,
    @Nullable Path keyFile,
    @DefaultValue List<String> corsOrigins,
    @DefaultValue("3s") @DurationUnit(ChronoUnit.SECONDS) Duration drain,
    @DefaultValue("32MB") DataSize maxPhotoSize,
    @DefaultValue("500B") DataSize minUploadRate,
    @DefaultValue("50000000") long maxPhotoPixels,
    @DefaultValue Doors doors,
    @DefaultValue FetchSettings urlFetch,
    @DefaultValue DeepStack deepstack,
    @DefaultValue Doods doods,
    @DefaultValue Page playground,
    @DefaultValue Page apiDocs) {

  private static final long MOST_PHOTO_BYTES = 1L << 30;
  private static final int MOST_THREADS = 1024;
  private static final Duration HOUR = Duration.ofHours(1);

  private static final Pattern ORIGIN = Pattern.compile("\\*|null|[^/]+://[^/]+/?");

  /** Room for what stands beside the photo in a request. */
  public static final int OTHER_FIELDS = 64 << 10;

  /**
   * Checks everything that can be checked without a model.
   *
   * @throws IllegalArgumentException naming every key that cannot be used
   */
  public PopsightProperties {
    Faults faults = new Faults();
    faults.unless(!models.isBlank(), "models", models, "a folder");
    faults.unless(
        ModelMetadata.isName(defaultModel), "default-model", defaultModel, "the name of a model");
    faults.unless(
        threads >= 0 && threads <= MOST_THREADS, "threads", threads, "0 to " + MOST_THREADS);
    faults.unless(queue >= 1, "queue", queue, "1 or more");
    faults.unlessWithin("deadline", deadline, HOUR, false);
    faults.unlessWithin("drain", drain, HOUR, true);
    faults.unlessWithin("scan-interval", scanInterval, Duration.ofDays(1), true);
    faults.unlessWithin("url-fetch.timeout", urlFetch.timeout(), HOUR, false);
    for (String origin : corsOrigins) {
      faults.unless(
          ORIGIN.matcher(origin).matches(),
          "cors-origins",
          origin,
          "an origin such as https://example.com");
    }
    long bytes = maxPhotoSize.toBytes();
    faults.unless(
        bytes >= 1 && bytes <= MOST_PHOTO_BYTES, "max-photo-size", maxPhotoSize, "1B to 1GB");
    faults.unless(!minUploadRate.isNegative(), "min-upload-rate", minUploadRate, "0B or more");
    faults.unless(maxPhotoPixels >= 1, "max-photo-pixels", maxPhotoPixels, "1 or more");
    faults.unlessBoxes("deepstack.max-predictions", deepstack.maxPredictions());
    faults.unlessBoxes("doods.max-detections", doods.maxDetections());
    Set<String> names = new HashSet<>();
    for (ModelSettings model : perModel) {
      String key = "per-model (" + model.name() + ").";
      faults.unless(!model.name().isBlank(), key + "name", model.name(), "the name of a model");
      faults.unless(names.add(model.name()), key + "name", model.name(), "each model once");
      faults.unless(model.threads() >= 0, key + "threads", model.threads(), "0 or more");
      faults.unless(isShare(model.minScore()), key + "min-score", model.minScore(), "0 to 1");
      faults.unless(isShare(model.iou()), key + "iou", model.iou(), "0 to 1");
      faults.unless(Tiling.allows(model.tiles()), key + "tiles", model.tiles(), "1 to 4");
    }
    faults.raise();
    perModel = List.copyOf(perModel);
    keys = List.copyOf(keys);
    corsOrigins = List.copyOf(corsOrigins);
  }

  /** Bytes of a request that brings a photo of the largest size as base64 text. */
  public int maxPhotoText() {
    // Four letters for three bytes.
    return Math.toIntExact(maxPhotoSize.toBytes() / 3 * 4 + OTHER_FIELDS);
  }

  private static boolean isShare(@Nullable Float value) {
    return value == null || (value >= 0 && value <= 1);
  }

  /** Everything that is wrong, told at once. */
  private static final class Faults {
    private final List<String> told = new ArrayList<>();

    void unless(boolean right, String key, @Nullable Object got, String wanted) {
      if (!right) {
        told.add(
            "popsight.%s: want %s, got %s"
                .formatted(key, wanted, "".equals(got) ? "nothing" : got));
      }
    }

    void unlessWithin(String key, Duration got, Duration longest, boolean orZero) {
      unless(
          got.compareTo(longest) <= 0 && (orZero ? !got.isNegative() : got.isPositive()),
          key,
          written(got),
          "%s to %s".formatted(orZero ? "0s" : "more than 0s", written(longest)));
    }

    private static String written(Duration duration) {
      return DurationFormatterUtils.print(duration, DurationFormat.Style.COMPOSITE);
    }

    void unlessBoxes(String key, int got) {
      int most = DetectionLimits.MOST_DETECTIONS;
      unless(got >= 1 && got <= most, key, got, "1 to " + most);
    }

    void raise() {
      if (!told.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", told));
      }
    }
  }

  /** Answers when no model is named, on the command line as well. */
  public static final String DEFAULT_MODEL = "popsight-street";

  /**
   * {@code popsight.doors.NAME}.
   *
   * @param oip Open Inference Protocol v2, {@code /v2} and over gRPC
   * @param deepstack {@code /v1/vision} and {@code /v1/status}
   * @param doods {@code /detectors}, {@code /detect} and {@code /image}
   */
  public record Doors(
      @DefaultValue("true") boolean oip,
      @DefaultValue("true") boolean deepstack,
      @DefaultValue("true") boolean doods) {}

  /**
   * {@code popsight.deepstack.NAME}.
   *
   * @param maxPredictions most boxes in an answer; Frigate fails on more than 20
   * @param alwaysOk whether failures have status 200 too, as CodeProject.AI's have, for clients
   *     that read the body of no other
   */
  public record DeepStack(
      @DefaultValue("20") int maxPredictions, @DefaultValue("false") boolean alwaysOk) {}

  /**
   * {@code popsight.doods.NAME}.
   *
   * @param maxDetections most boxes in an answer, the best: Home Assistant asks for a confidence of
   *     0 unless told otherwise
   */
  public record Doods(@DefaultValue("50") int maxDetections) {}

  /**
   * {@code popsight.playground.NAME}, {@code popsight.api-docs.NAME}.
   *
   * @param enabled whether it is there
   */
  public record Page(@DefaultValue("true") boolean enabled) {}
}
