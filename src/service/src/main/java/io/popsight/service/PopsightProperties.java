package io.popsight.service;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the service, each {@code popsight.NAME}.
 *
 * @param models folder with NAME.onnx or NAME/VERSION.onnx
 * @param backend what runs a model unless a request asks for another: {@code popcount} or {@code
 *     onnx}
 * @param defaultModel what answers unless a request names another
 * @param threads photos worked on at once; 0 takes the number of cores that the process may use
 * @param queue photos that may wait; one more is refused with 429
 * @param maxPhotoSize bytes of an encoded photo
 * @param maxPhotoPixels pixels of a decoded photo
 * @param deepstack the door for DeepStack's and CodeProject.AI's clients
 * @param playground the page at {@code /}
 * @param apiDocs the OpenAPI document at {@code /v3/api-docs} and Swagger UI
 */
@ConfigurationProperties(value = "popsight", ignoreUnknownFields = false)
public record PopsightProperties(
    @DefaultValue("models") String models,
    @DefaultValue("popcount") String backend,
    @DefaultValue(DEFAULT_MODEL) String defaultModel,
    @DefaultValue("0") int threads,
    @DefaultValue("32") int queue,
    @DefaultValue("32MB") DataSize maxPhotoSize,
    @DefaultValue("50000000") long maxPhotoPixels,
    @DefaultValue DeepStack deepstack,
    @DefaultValue Page playground,
    @DefaultValue Page apiDocs) {

  /** Answers when no model is named, on the command line as well. */
  public static final String DEFAULT_MODEL = "popsight-street";

  /**
   * {@code popsight.deepstack.NAME}.
   *
   * @param enabled whether {@code /v1/vision} and {@code /v1/status} are there
   * @param maxPredictions most boxes in an answer; Frigate fails on more than 20
   */
  public record DeepStack(
      @DefaultValue("true") boolean enabled, @DefaultValue("20") int maxPredictions) {}

  /**
   * {@code popsight.playground.NAME}, {@code popsight.api-docs.NAME}.
   *
   * @param enabled whether it is there
   */
  public record Page(@DefaultValue("true") boolean enabled) {}
}
