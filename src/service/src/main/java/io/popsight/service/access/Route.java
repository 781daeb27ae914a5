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
public record Route(Need need, Optional<Door> photo, Optional<Door> stream) {}
