package io.popsight.trainer.data;

import io.popsight.geometry.BoundingBox;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoEncoder;
import io.popsight.imaging.PhotoLimits;
import java.io.IOException;
import java.nio.file.Files;
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
   * Writes {@code FOLDER/CLASS/PHOTO-NUMBER.jpg} for every box but small and difficult ones; photos
   * of one name in several folders go on counting.
   *
   * @param folder of the split; made when missing
   * @return how many were written
   * @throws IllegalArgumentException if a class has a name that no folder can have
   */
  public static int write(DataSet set, Path folder) throws IOException {
    for (String label : set.labels()) {
      Files.createDirectories(folderOf(label, folder));
    }
    PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
    Map<String, Integer> numbers = new HashMap<>();
    int written = 0;
    for (LabeledPhoto labeled : set.photos()) {
      try (Photo photo = decoder.decode(labeled.photo())) {
        String name = String.valueOf(labeled.photo().getFileName()).replaceFirst("\\.[^.]*$", "");
        for (GroundTruth object : labeled.objects()) {
          int number = numbers.merge(name, 1, Integer::sum);
          BoundingBox box = object.box();
          if (object.difficult() || Math.min(box.width(), box.height()) < LEAST_SIDE) {
            continue;
          }
          Path file =
              folderOf(set.labels().get(object.classId()), folder)
                  .resolve("%s-%d.jpg".formatted(name, number));
          try (Photo crop = crop(photo, box)) {
            Files.write(file, PhotoEncoder.jpeg(crop));
          }
          written++;
        }
      }
    }
    return written;
  }

  private static Path folderOf(String label, Path folder) {
    if (!label.matches("[^./\\\\][^/\\\\]*")) {
      throw new IllegalArgumentException(
          "no folder can be called as the class '%s'".formatted(label));
    }
    return folder.resolve(label);
  }

  private static Photo crop(Photo photo, BoundingBox box) {
    int left = Math.max(0, (int) (box.xMin() - MARGIN * box.width()));
    int top = Math.max(0, (int) (box.yMin() - MARGIN * box.height()));
    int right = (int) Math.min(photo.width(), Math.ceil(box.xMax() + MARGIN * box.width()));
    int bottom = (int) Math.min(photo.height(), Math.ceil(box.yMax() + MARGIN * box.height()));
    return photo.part(left, top, right - left, bottom - top);
  }
}
