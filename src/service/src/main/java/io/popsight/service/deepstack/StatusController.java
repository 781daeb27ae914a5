package io.popsight.service.deepstack;

import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What Blue Iris asks before it believes that a server is there. */
@RestController
@ConditionalOnProperty(name = "popsight.deepstack.enabled", matchIfMissing = true)
class StatusController {

  /** The newest protocol that clients look for; not Popsight's own version. */
  private static final Map<String, Object> VERSION =
      Map.of(
          "major",
          2,
          "minor",
          8,
          "patch",
          0,
          "preRelease",
          "",
          "securityUpdate",
          false,
          "build",
          0,
          "file",
          "",
          "releaseNotes",
          "");

  @GetMapping({"/v1/status/ping", "/v1/server/status/ping", "/v1/status/version"})
  Map<String, Object> version() {
    return Map.of("success", true, "code", 200, "message", "2.8.0", "version", VERSION);
  }

  @GetMapping("/v1/status/updateavailable")
  Map<String, Object> update() {
    return Map.of(
        "success",
        true,
        "code",
        200,
        "message",
        "no update is looked for",
        "version",
        VERSION,
        "current",
        VERSION,
        "latest",
        VERSION,
        "updateAvailable",
        false);
  }
}
