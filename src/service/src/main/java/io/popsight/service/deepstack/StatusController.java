package io.popsight.service.deepstack;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What Blue Iris asks before it believes that a server is there. */
@RestController
@ConditionalOnProperty(name = "popsight.doors.deepstack", matchIfMissing = true)
class StatusController {

  /** The newest protocol that clients look for; not Popsight's own version. */
  private static final Version PROTOCOL = new Version(2, 8, 0, "", false, 0, "", "");

  /** CodeProject.AI's form of a version. */
  record Version(
      int major,
      int minor,
      int patch,
      String preRelease,
      boolean securityUpdate,
      int build,
      String file,
      String releaseNotes) {}

  /** What is here. */
  record Status(boolean success, int code, String message, Version version) {}

  /** Whether there is something newer. */
  record Update(
      boolean success,
      int code,
      String message,
      Version version,
      Version current,
      Version latest,
      boolean updateAvailable) {}

  @GetMapping({"/v1/status/ping", "/v1/server/status/ping", "/v1/status/version"})
  Status version() {
    return new Status(true, 200, "2.8.0", PROTOCOL);
  }

  @GetMapping("/v1/status/updateavailable")
  Update update() {
    return new Update(true, 200, "no update is looked for", PROTOCOL, PROTOCOL, PROTOCOL, false);
  }
}
