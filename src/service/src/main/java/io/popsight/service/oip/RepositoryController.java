package io.popsight.service.oip;

import io.popsight.service.desk.Refusal;
import io.popsight.service.desk.RefusedException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Triton's extension of the protocol by which an operator looks at the models and changes them. */
@RestController
@ConditionalOnProperty(name = "popsight.doors.oip", matchIfMissing = true)
class RepositoryController {

  private static final JsonMapper JSON = new JsonMapper(InferJson.JSON);

  private final OpenInference inference;

  RepositoryController(OpenInference inference) {
    this.inference = inference;
  }

  /** KServe's clients read both fields, Triton's none. */
  record Loaded(String name, boolean load) {}

  @PostMapping("/v2/repository/index")
  List<OpenInference.Listed> index(@RequestBody(required = false) byte @Nullable [] body) {
    return inference.index(read(body).path("ready").asBoolean(false));
  }

  @PostMapping("/v2/repository/models/{model}/load")
  Loaded load(@PathVariable String model, @RequestBody(required = false) byte @Nullable [] body) {
    inference.load(model, Set.copyOf(read(body).path("parameters").propertyNames()));
    return new Loaded(model, true);
  }

  @PostMapping("/v2/repository/models/{model}/unload")
  Map<String, Object> unload(
      @PathVariable String model, @RequestBody(required = false) byte @Nullable [] body) {
    JsonNode _ = read(body);
    inference.unload(model);
    return Map.of("name", model, "unload", true);
  }

  private static JsonNode read(byte @Nullable [] body) {
    if (body == null || body.length == 0) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(body);
    } catch (JacksonException e) {
      throw new RefusedException(Refusal.MALFORMED_REQUEST, "not JSON: " + e.getOriginalMessage());
    }
  }
}
