package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.imaging.PhotoLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What is in the boxes of a data set, as photos in a folder a class: a backbone may learn from them
 * what things look like before it learns where they are.
 */
public final class ObjectCrops {

  /** Share of a box's sides that is shown around it. */
  private static final double MARGIN = 0.15;

  /** Pixels of a box's shorter side below which there is too little to see. */
  private static final int LEAST_SIDE = 16;

  private ObjectCrops() {}

  /**
   * Writes {@code SPLIT/CLASS/PHOTO-NUMBER.jpg} for every box but small and difficult ones; photos
   * of one name in several folders go on counting.
   *
   * @param splits by name, with their classes
   * @param into emptied of what was written there before
   * @throws IllegalArgumentException if a split or a class has a name that no folder can have, or
   *     there is nothing to cut out; nothing is changed then
   */
  public static void write(Map<String, DataSet> splits, PictureFolder into) throws IOException {
    for (Map.Entry<String, DataSet> split : splits.entrySet()) {
      Path inside = Path.of(split.getKey()).normalize();
      require(!inside.isAbsolute() && !inside.startsWith(".."), "split", split.getKey());
      for (String label : split.getValue().labels()) {
        require(label.matches("[^./\\\\][^/\\\\]*"), "class", label);
      }
    }
    if (splits.values().stream()
        .flatMap(set -> set.photos().stream())
        .flatMap(photo -> photo.objects().stream())
        .noneMatch(ObjectCrops::isCut)) {
      throw new IllegalArgumentException(
          "no photo has an object of %d pixels or more that is not marked as difficult: no crops"
              .formatted(LEAST_SIDE));
    }
    into.clear();
    for (Map.Entry<String, DataSet> split : splits.entrySet()) {
      write(split.getValue(), Path.of(split.getKey()).normalize(), into);
    }
  }

  private static boolean isCut(GroundTruth object) {
    return !object.difficult()
        && Math.min(object.box().width(), object.box().height()) >= LEAST_SIDE;
  }

  private static void require(boolean possible, String what, String name) {
    if (!possible) {
      throw new IllegalArgumentException(
          "no folder can be called as the %s '%s'".formatted(what, name));
    }
  }

  private static void write(DataSet set, Path split, PictureFolder into) throws IOException {
    for (String label : set.labels()) {
      into.makeFolder(split.resolve(label));
    }
    PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
    Map<String, Integer> numbers = new HashMap<>();
    for (LabeledPhoto labeled : set.photos()) {
      try (Photo photo = decoder.decode(labeled.photo())) {
        String name = String.valueOf(labeled.photo().getFileName()).replaceFirst("\\.[^.]*$", "");
        for (GroundTruth object : labeled.objects()) {
          int number = numbers.merge(name, 1, Integer::sum);
          if (!isCut(object)) {
            continue;
          }
          Path file =
              split
                  .resolve(set.labels().get(object.classId()))
                  .resolve("%s-%d.jpg".formatted(name, number));
          try (Photo crop = crop(photo, object.box())) {
            into.write(file, PhotoEncoder.jpeg(crop));
          }
        }
      }
    }
  }

  private static Photo crop(Photo photo, BoundingBox box) {
    int left = Math.max(0, (int) (box.xMin() - MARGIN * box.width()));
    int top = Math.max(0, (int) (box.yMin() - MARGIN * box.height()));
    int right = (int) Math.min(photo.width(), Math.ceil(box.xMax() + MARGIN * box.width()));
    int bottom = (int) Math.min(photo.height(), Math.ceil(box.yMax() + MARGIN * box.height()));
    return photo.part(left, top, right - left, bottom - top);
  }
}
