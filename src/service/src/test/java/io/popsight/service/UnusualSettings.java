package io.popsight.service;

import io.popsight.service.detect.InferencePool;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** A service with settings that no other test has. */
@TestPropertySource(
    properties = {
      // As many places as workers: fewer are there under no load.
      "popsight.threads=" + UnusualSettings.PLACES,
      "popsight.queue=" + UnusualSettings.PLACES,
      // Longer than what a test does meanwhile takes on a busy machine.
      "popsight.deadline=12s",
      "popsight.max-photo-size=100KB",
      "popsight.max-photo-pixels=" + 640 * 480,
      "popsight.min-upload-rate=2000B",
      "popsight.compare-backends=true",
      "popsight.deepstack.max-predictions=2",
      "popsight.doods.max-detections=3"
    })
abstract class UnusualSettings extends OverGrpc implements SmallModels {

  static final int PLACES = 3;
  static final Duration DEADLINE = Duration.ofSeconds(12);

  @Autowired InferencePool pool;

  @LocalServerPort int httpPort;
}
