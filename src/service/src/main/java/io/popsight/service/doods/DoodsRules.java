package io.popsight.service.doods;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import io.popsight.service.detect.CocoLabels;
import io.popsight.service.detect.PhotoAnswer;
import io.popsight.service.detect.Selection;
import io.popsight.service.doods.DoodsAnswer.Found;
import io.popsight.service.doods.DoodsRequest.Region;
import java.util.Map;
import java.util.Optional;

/**
 * Which boxes a request wants: those that the whole photo's rules let through, then those that a
 * region does, the first that fits. A label that is named shadows {@code *}.
 */
record DoodsRules(DoodsRequest request) implements Selection {

  @Override
  public boolean keeps(String label, Detection found, int photoWidth, int photoHeight) {
    BoundingBox b = found.box();
    PhotoAnswer.Box box = new PhotoAnswer.Box(b.xMin(), b.yMin(), b.xMax(), b.yMax());
    return of(Found.of(label, found.score(), box, new PhotoAnswer.Image(photoWidth, photoHeight)))
        .isPresent();
  }

  /** The box as it is answered; empty if nobody wants it. */
  Optional<Found> of(Found found) {
    if (lets(request.wanted(), found)) {
      return Optional.of(found);
    }
    for (Region region : request.places()) {
      if (lies(found, region) && lets(region.wanted(), found)) {
        return Optional.of(found.in(region.id()));
      }
    }
    return Optional.empty();
  }

  private static boolean lets(Map<String, Float> rules, Found found) {
    for (Map.Entry<String, Float> rule : rules.entrySet()) {
      if (CocoLabels.of(rule.getKey()).equals(found.label())) {
        return found.confidence() >= rule.getValue();
      }
    }
    Float any = rules.get(DoodsRequest.ANY);
    return any != null && found.confidence() >= any;
  }

  private static boolean lies(Found found, Region region) {
    return Boolean.TRUE.equals(region.covers())
        ? found.top() >= region.top()
            && found.left() >= region.left()
            && found.bottom() <= region.bottom()
            && found.right() <= region.right()
        : found.top() < region.bottom()
            && found.left() < region.right()
            && found.bottom() > region.top()
            && found.right() > region.left();
  }
}
