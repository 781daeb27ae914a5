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
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

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
  record Scaled(byte[] rgb, Letterbox letterbox, List<GroundTruth> objects) {

    /** Draws the photo onto all of a target: grey where the photo is not. */
    void draw(Mat target, Placement p) {
      // OpenCV's coordinates are those of pixel centres, ours those of edges: half a pixel apart.
      double bx = p.bx() + 0.5 * p.ax() - 0.5;
      double by = p.by() + 0.5 * p.ay() - 0.5;
      try (BytePointer bytes = new BytePointer(rgb);
          Mat source = new Mat(letterbox.height(), letterbox.width(), opencv_core.CV_8UC3, bytes);
          DoublePointer matrix = new DoublePointer(p.ax(), 0, bx, 0, p.ay(), by);
          Mat affine = new Mat(2, 3, opencv_core.CV_64F, matrix);
          Size size = target.size();
          Scalar grey = Scalar.all(Letterbox.BAR)) {
        opencv_imgproc.warpAffine(
            source,
            target,
            affine,
            size,
            opencv_imgproc.INTER_LINEAR,
            opencv_core.BORDER_CONSTANT,
            grey);
      }
    }
  }

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
