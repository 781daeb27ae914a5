package io.popsight.service.oip;

import io.popsight.service.PopsightProperties;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /v2/models/NAME[/versions/VERSION]/infer}. */
@RestController
@ConditionalOnProperty(name = "popsight.doors.oip", matchIfMissing = true)
class InferController {

  /** Bytes of JSON at the start of a body that goes on with raw tensors. */
  static final String JSON_LENGTH = "Inference-Header-Content-Length";

  /** Triton's own limit. */
  private static final int LARGEST_BODY = 64 << 20;

  private final OpenInference inference;
  private final int largestBody;

  InferController(OpenInference inference, PopsightProperties properties) {
    this.inference = inference;
    this.largestBody = Math.max(LARGEST_BODY, properties.maxPhotoText());
  }

  @PostMapping({"/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"})
  ResponseEntity<byte[]> infer(
      @PathVariable String model,
      @PathVariable Optional<String> version,
      @RequestHeader(name = JSON_LENGTH, required = false) @Nullable String jsonLength,
      @RequestHeader(name = HttpHeaders.CONTENT_ENCODING, required = false)
          @Nullable String encoding,
      HttpServletRequest request)
      throws IOException {
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new RefusedException(
          Refusal.UNSUPPORTED_MEDIA_TYPE,
          "content encoding '%s'; send gzip, deflate or none".formatted(encoding));
    }
    // Refused before its body is read, if there is no such model.
    ModelView _ = inference.view(model, version.orElse(""));
    byte[] body = OipBody.read(request, largestBody);
    InferResponse answer =
        inference.by(
            model,
            version.orElse(""),
            view -> {
              InferBody asked = InferBody.read(view, body, Optional.ofNullable(jsonLength));
              return InferResponse.of(view, asked, inference.infer(view, asked.request()));
            });
    ResponseEntity.BodyBuilder response = ResponseEntity.ok();
    if (answer.binary()) {
      response
          .header(JSON_LENGTH, Integer.toString(answer.jsonLength()))
          .contentType(MediaType.APPLICATION_OCTET_STREAM);
    } else {
      response.contentType(MediaType.APPLICATION_JSON);
    }
    return response.body(answer.body());
  }
}
