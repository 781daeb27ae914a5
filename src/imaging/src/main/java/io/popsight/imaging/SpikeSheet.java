package io.popsight.imaging;

import io.popsight.backend.SpikeMap;
import io.popsight.geometry.Letterbox;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Where each layer fired, as an overlay on the photo: a sheet of panels in the order of the layers,
 * each from dark (the layer's quietest pixel) to bright (its busiest).
 */
public final class SpikeSheet {

  private static final int PANEL_WIDTH = 320;
  private static final int CAPTION = 26;
  private static final int GAP = 8;
  private static final double LETTERS = 0.5;

  private final Photo photo;
  private final Letterbox letterbox;
  private final int panelHeight;

  private SpikeSheet(Photo photo, Letterbox letterbox) {
    this.photo = photo;
    this.letterbox = letterbox;
    long height = Math.round((double) PANEL_WIDTH * photo.height() / photo.width());
    // A strip of a photo must not make a tower of a sheet.
    this.panelHeight = Math.clamp(height, 16, 4 * PANEL_WIDTH);
  }

  /**
   * Draws the sheet; the photo stays as it is.
   *
   * @param letterbox where the photo lies in the network's input, which the maps cover
   * @param maps at least one
   */
  public static Photo draw(Photo photo, Letterbox letterbox, List<SpikeMap> maps) {
    return new SpikeSheet(photo, letterbox).draw(maps);
  }

  private Photo draw(List<SpikeMap> maps) {
    int columns = (int) Math.ceil(Math.sqrt(maps.size()));
    int rows = (maps.size() + columns - 1) / columns;
    try (Scalar ground = new Scalar(24, 24, 24, 0);
        Mat dimmed = dimmed()) {
      Mat sheet =
          new Mat(
              GAP + rows * (panelHeight + CAPTION + GAP),
              GAP + columns * (PANEL_WIDTH + GAP),
              opencv_core.CV_8UC3,
              ground);
      for (int m = 0; m < maps.size(); m++) {
        int left = GAP + m % columns * (PANEL_WIDTH + GAP);
        int top = GAP + m / columns * (panelHeight + CAPTION + GAP);
        panel(sheet, left, top, dimmed, maps.get(m));
      }
      return new Photo(sheet);
    }
  }

  /** The photo in grey and half its light, so that the heat is what shines. */
  private Mat dimmed() {
    Mat dimmed = new Mat();
    try (Mat small = new Mat();
        Mat grey = new Mat();
        Size size = new Size(PANEL_WIDTH, panelHeight)) {
      opencv_imgproc.resize(photo.mat(), small, size, 0, 0, opencv_imgproc.INTER_AREA);
      opencv_imgproc.cvtColor(small, grey, opencv_imgproc.COLOR_RGB2GRAY);
      opencv_imgproc.cvtColor(grey, dimmed, opencv_imgproc.COLOR_GRAY2RGB);
    }
    return dimmed;
  }

  private void panel(Mat sheet, int left, int top, Mat dimmed, SpikeMap map) {
    try (Rect place = new Rect(left, top, PANEL_WIDTH, panelHeight);
        Mat panel = new Mat(sheet, place);
        Mat heat = heat(map);
        Point caption = new Point(left, top + panelHeight + CAPTION - GAP);
        Scalar white = new Scalar(235, 235, 235, 0)) {
      opencv_core.addWeighted(dimmed, 0.5, heat, 0.75, 0, panel);
      double rate = (double) Arrays.stream(map.ones()).asLongStream().sum() / map.layer().units();
      String text = String.format(Locale.ROOT, "%s  %.1f %%", map.layer().name(), 100 * rate);
      int font = opencv_imgproc.FONT_HERSHEY_SIMPLEX;
      opencv_imgproc.putText(
          sheet, text, caption, font, LETTERS, white, 1, opencv_imgproc.LINE_AA, false);
    }
  }

  private Mat heat(SpikeMap map) {
    int rows = map.layer().rows();
    int columns = map.layer().columns();
    IntSummaryStatistics range = Arrays.stream(map.ones()).summaryStatistics();
    int spread = Math.max(1, range.getMax() - range.getMin());
    byte[] levels = new byte[rows * columns];
    for (int pixel = 0; pixel < levels.length; pixel++) {
      levels[pixel] = (byte) (255 * (map.ones()[pixel] - range.getMin()) / spread);
    }
    Mat heat = new Mat();
    try (Mat cells = new Mat(rows, columns, opencv_core.CV_8UC1);
        BytePointer data = cells.data();
        Mat input = new Mat();
        Size inputSize = new Size(letterbox.inputWidth(), letterbox.inputHeight());
        Rect inside =
            new Rect(letterbox.left(), letterbox.top(), letterbox.width(), letterbox.height());
        Mat panel = new Mat();
        Size panelSize = new Size(PANEL_WIDTH, panelHeight)) {
      data.put(levels);
      opencv_imgproc.resize(cells, input, inputSize, 0, 0, opencv_imgproc.INTER_NEAREST);
      try (Mat bare = new Mat(input, inside)) {
        opencv_imgproc.resize(bare, panel, panelSize, 0, 0, opencv_imgproc.INTER_LINEAR);
      }
      opencv_imgproc.applyColorMap(panel, heat, opencv_imgproc.COLORMAP_INFERNO);
      opencv_imgproc.cvtColor(heat, heat, opencv_imgproc.COLOR_BGR2RGB);
    }
    return heat;
  }
}
