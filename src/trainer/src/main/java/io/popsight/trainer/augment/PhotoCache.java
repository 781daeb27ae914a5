package io.popsight.trainer.augment;

import io.popsight.geometry.Letterbox;
import io.popsight.trainer.data.DataSet;
import io.popsight.trainer.data.GroundTruth;
import io.popsight.trainer.data.LabeledPhoto;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** Photos decoded once and scaled to fit the network's input, kept in memory as RGB bytes. */
final class PhotoCache {

  private final DataSet set;
  private final int inputHeight;
  private final int inputWidth;
  private final ConcurrentMap<Integer, Scaled> photos = new ConcurrentHashMap<>();

  PhotoCache(DataSet set, int inputHeight, int inputWidth) {
    this.set = set;
    this.inputHeight = inputHeight;
    this.inputWidth = inputWidth;
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
    return photos.computeIfAbsent(index, i -> load(set.photos().get(i)));
  }

  private Scaled load(LabeledPhoto labeled) {
    try (Mat photo = read(labeled.photo());
        Mat scaled = new Mat()) {
      Letterbox box = Letterbox.fit(photo.cols(), photo.rows(), inputWidth, inputHeight);
      try (Size size = new Size(box.width(), box.height())) {
        int method = box.scale() < 1 ? opencv_imgproc.INTER_AREA : opencv_imgproc.INTER_LINEAR;
        opencv_imgproc.resize(photo, scaled, size, 0, 0, method);
      }
      byte[] rgb = new byte[box.width() * box.height() * 3];
      try (BytePointer data = scaled.data()) {
        data.get(rgb);
      }
      Placement shrink =
          new Placement(
              (double) box.width() / photo.cols(), 0, (double) box.height() / photo.rows(), 0);
      return new Scaled(
          rgb,
          box,
          shrink.move(
              labeled.objects(),
              new io.popsight.geometry.BoundingBox(0, 0, box.width(), box.height())));
    }
  }

  private static Mat read(Path file) {
    Mat photo = opencv_imgcodecs.imread(file.toString(), opencv_imgcodecs.IMREAD_COLOR_RGB);
    if (photo.empty()) {
      throw new IllegalArgumentException(file + " cannot be decoded as a photo");
    }
    return photo;
  }
}
