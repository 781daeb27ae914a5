package io.popsight.trainer.augment;

import io.popsight.geometry.BoundingBox;
import io.popsight.geometry.Letterbox;
import io.popsight.imaging.Letterboxer;
import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import io.popsight.imaging.PhotoLimits;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Photos scaled to fit the network's input as serving scales them, kept in memory as RGB bytes.
 * Those for which there is no room are decoded each time.
 */
final class PhotoCache {

  private final DataSet set;
  private final int inputHeight;
  private final int inputWidth;
  private final AtomicLong room;
  private final PhotoDecoder decoder = new PhotoDecoder(PhotoLimits.DEFAULT);
  private final ConcurrentMap<Integer, Scaled> photos = new ConcurrentHashMap<>();

  PhotoCache(DataSet set, int inputHeight, int inputWidth, long bytes) {
    this.set = set;
    this.inputHeight = inputHeight;
    this.inputWidth = inputWidth;
    this.room = new AtomicLong(bytes);
  }

  /**
   * A photo that fits the input in one direction.
   *
   * @param rgb layout [rows][columns][3]
   * @param letterbox how it was scaled
   * @param objects boxes in pixels of the scaled photo
   */
  record Scaled(byte[] rgb, Letterbox letterbox, List<GroundTruth> objects) {}

  int size() {
    return set.photos().size();
  }

  Scaled get(int index) {
    Scaled kept = photos.get(index);
    if (kept != null) {
      return kept;
    }
    // Decoded outside the map, whose locks would hold up other photos; at worst it is done twice.
    Scaled loaded = load(set.photos().get(index));
    if (room.addAndGet(-loaded.rgb().length) < 0 || photos.putIfAbsent(index, loaded) != null) {
      room.addAndGet(loaded.rgb().length);
    }
    return loaded;
  }

  private Scaled load(LabeledPhoto labeled) {
    try (Photo photo = decoder.decode(labeled.photo())) {
      Letterbox box = Letterbox.fit(photo.width(), photo.height(), inputWidth, inputHeight);
      Placement shrink =
          new Placement(
              (double) box.width() / photo.width(), 0, (double) box.height() / photo.height(), 0);
      BoundingBox window = new BoundingBox(0, 0, box.width(), box.height());
      List<GroundTruth> objects =
          shrink.move(
              labeled.objects().stream().filter(o -> !o.crowd()).toList(),
              window,
              photo.width(),
              photo.height());
      try (Photo scaled = Letterboxer.scaled(photo, box)) {
        return new Scaled(scaled.rgb(), box, objects);
      }
    }
  }
}
