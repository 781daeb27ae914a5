package io.popsight.service.detect;

import io.popsight.detection.Detection;
import io.popsight.geometry.BoundingBox;
import io.popsight.geometry.Polygon;
import java.util.List;

/**
 * Where on a photo somebody looks.
 *
 * @param areas in pixels of the photo; a box in any of them is kept, and every box if there are
 *     none
 * @param point the point of a box that must lie in an area
 */
public record Zones(List<Polygon> areas, Point point) implements Selection {

  /** Everything that is on the photo. */
  public static final Zones EVERYWHERE = new Zones(List.of(), Point.CENTER);

  /** A point of a box. */
  public enum Point {
    /** Its middle. */
    CENTER,
    /** The middle of its lower edge, where things stand on the ground. */
    BOTTOM
  }

  /** Copies the areas. */
  public Zones {
    areas = List.copyOf(areas);
  }

  @Override
  public boolean keeps(String label, Detection found, int photoWidth, int photoHeight) {
    BoundingBox box = found.box();
    float x = (box.xMin() + box.xMax()) / 2;
    float y = point == Point.CENTER ? (box.yMin() + box.yMax()) / 2 : box.yMax();
    return areas.isEmpty() || areas.stream().anyMatch(area -> area.contains(x, y));
  }
}
