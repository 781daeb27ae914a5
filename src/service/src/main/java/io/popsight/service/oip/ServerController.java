package io.popsight.service.oip;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What a client asks before it infers: health, metadata, configuration, statistics. */
@RestController
@ConditionalOnProperty(name = "popsight.doors.oip", matchIfMissing = true)
class ServerController {

  private final OpenInference inference;

  ServerController(OpenInference inference) {
    this.inference = inference;
  }

  /** Metadata of the server. */
  record Server(String name, String version, List<String> extensions) {}

  /** Whether a model answers. */
  record Ready(String name, boolean ready) {}

  @GetMapping({"/v2", "/v2/"})
  Server server() {
    return new Server(OpenInference.SERVER, inference.version(), OpenInference.EXTENSIONS);
  }

  @GetMapping("/v2/health/live")
  ResponseEntity<Map<String, Boolean>> live() {
    return probed(200, Map.of("live", true));
  }

  /** The protocol's text says "live" here, its servers say "ready". */
  @GetMapping("/v2/health/ready")
  ResponseEntity<Map<String, Boolean>> ready() {
    boolean ready = inference.ready();
    return probed(ready ? 200 : 503, Map.of("live", ready, "ready", ready));
  }

  /** JSON whatever the prober says that it reads: it looks at the status. */
  private static ResponseEntity<Map<String, Boolean>> probed(
      int status, Map<String, Boolean> body) {
    return ResponseEntity.status(status).contentType(MediaType.APPLICATION_JSON).body(body);
  }

  @GetMapping("/v2/models")
  Map<String, List<String>> models() {
    return Map.of("models", inference.names());
  }

  @GetMapping({"/v2/models/{model}", "/v2/models/{model}/versions/{version}"})
  OpenInference.Described model(
      @PathVariable String model, @PathVariable Optional<String> version) {
    return inference.describe(model, version.orElse(""));
  }

  @GetMapping({"/v2/models/{model}/ready", "/v2/models/{model}/versions/{version}/ready"})
  ResponseEntity<Ready> modelReady(
      @PathVariable String model, @PathVariable Optional<String> version) {
    boolean ready = inference.ready();
    return ResponseEntity.status(ready ? 200 : 503)
        .body(new Ready(inference.describe(model, version.orElse("")).name(), ready));
  }

  @GetMapping({"/v2/models/{model}/config", "/v2/models/{model}/versions/{version}/config"})
  ModelConfiguration config(@PathVariable String model, @PathVariable Optional<String> version) {
    return ModelConfiguration.of(inference.describe(model, version.orElse("")));
  }

  @GetMapping({"/v2/models/{model}/stats", "/v2/models/{model}/versions/{version}/stats"})
  StatisticsListing statistics(@PathVariable String model, @PathVariable Optional<String> version) {
    return StatisticsListing.of(inference.statistics(model, version.orElse("")));
  }

  @GetMapping("/v2/models/stats")
  StatisticsListing statistics() {
    return StatisticsListing.of(inference.statistics("", ""));
  }
}
