package io.popsight.service.access;

import io.popsight.service.metrics.Door;
import java.util.Optional;

/**
 * What is known of a request by its route alone.
 *
 * @param need what it needs
 * @param photo the door of a request for one photo's detections
 * @param stream the door of a stream, whose photos are measured one by one
 */
public record Route(Need need, Optional<Door> photo, Optional<Door> stream) {

  /** One that brings no photo to be measured. */
  static Route unmeasured(Need need) {
    return new Route(need, Optional.empty(), Optional.empty());
  }
}
