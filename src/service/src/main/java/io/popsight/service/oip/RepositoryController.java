package io.popsight.service.oip;

import io.popsight.JsonMistake;
import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Triton's extension of the protocol by which an operator looks at the models and changes them. */
@RestController
@ConditionalOnProperty(name = "popsight.doors.oip", matchIfMissing = true)
class RepositoryController {

  private static final JsonMapper JSON = new JsonMapper(InferJson.JSON);

  /** These requests hold a few words; the largest file of a model is no part of any. */
  private static final int LARGEST_BODY = 64 << 10;

  private final OpenInference inference;

  RepositoryController(OpenInference inference) {
    this.inference = inference;
  }

  /** KServe's clients read both fields, Triton's none. */
  record Loaded(String name, boolean load) {}

  @PostMapping("/v2/repository/index")
  List<OpenInference.Listed> index(HttpServletRequest request) throws IOException {
    return inference.index(read(request).path("ready").asBoolean(false));
  }

  @PostMapping("/v2/repository/models/{model}/load")
  Loaded load(@PathVariable String model, HttpServletRequest request) throws IOException {
    inference.load(model, Set.copyOf(read(request).path("parameters").propertyNames()));
    return new Loaded(model, true);
  }

  @PostMapping("/v2/repository/models/{model}/unload")
  Map<String, Object> unload(@PathVariable String model, HttpServletRequest request)
      throws IOException {
    JsonNode _ = read(request);
    inference.unload(model);
    return Map.of("name", model, "unload", true);
  }

  private static JsonNode read(HttpServletRequest request) throws IOException {
    byte[] body = OipBody.read(request, LARGEST_BODY);
    if (body.length == 0) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(body);
    } catch (JacksonException e) {
      throw new RefusedException(Refusal.MALFORMED_REQUEST, "not JSON: " + JsonMistake.of(e));
    }
  }
}
