package io.popsight.service.access;

import java.util.Optional;

/**
 * What a route needs.
 *
 * @param role empty is public
 * @param photo whether a request brings a photo, which needs something left of a key's rate and a
 *     place in the queue
 */
public record Need(Optional<Role> role, boolean photo) {

  static final Need NOTHING = new Need(Optional.empty(), false);
  static final Need DETECT = new Need(Optional.of(Role.DETECT), false);
  static final Need PHOTO = new Need(Optional.of(Role.DETECT), true);
  static final Need METRICS = new Need(Optional.of(Role.METRICS), false);
  static final Need ADMIN = new Need(Optional.of(Role.ADMIN), false);
}
