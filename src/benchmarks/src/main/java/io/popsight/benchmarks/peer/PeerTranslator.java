package io.popsight.benchmarks.peer;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Letterbox, planes of floats, then the best cells of every head and their suppression. */
final class PeerTranslator implements NoBatchifyTranslator<Image, List<PeerBox>> {

  private static final int SIDE = 320;
  private static final int BOX = 4;
  private static final int BEST = 100;
  private static final float IOU = 0.5f;

  /** The list's class, which generics cannot name. */
  @SuppressWarnings("unchecked")
  static Class<List<PeerBox>> boxes() {
    return (Class<List<PeerBox>>) (Class<?>) List.class;
  }

  @Override
  public NDList processInput(TranslatorContext context, Image image) {
    BufferedImage photo = (BufferedImage) image.getWrappedImage();
    BufferedImage input = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    double scale = Math.min((double) SIDE / photo.getWidth(), (double) SIDE / photo.getHeight());
    int width = (int) (photo.getWidth() * scale);
    int height = (int) (photo.getHeight() * scale);
    Graphics2D graphics = input.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(photo, (SIDE - width) / 2, (SIDE - height) / 2, width, height, null);
    graphics.dispose();
    context.setAttachment("scale", (float) scale);
    int[] pixels = ((DataBufferInt) input.getRaster().getDataBuffer()).getData();
    float[] planes = new float[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      planes[i] = (pixels[i] >> 16 & 0xFF) / 255f;
      planes[pixels.length + i] = (pixels[i] >> 8 & 0xFF) / 255f;
      planes[2 * pixels.length + i] = (pixels[i] & 0xFF) / 255f;
    }
    return new NDList(context.getNDManager().create(planes, new Shape(1, 3, SIDE, SIDE)));
  }

  @Override
  public List<PeerBox> processOutput(TranslatorContext context, NDList heads) {
    float scale = (float) context.getAttachment("scale");
    List<PeerBox> cells = new ArrayList<>();
    for (NDArray head : heads) {
      read(head.toFloatArray(), head.getShape(), scale, cells);
    }
    cells.sort(Comparator.comparingDouble(cell -> -cell.score()));
    List<PeerBox> kept = new ArrayList<>();
    for (PeerBox box : cells.subList(0, Math.min(BEST, cells.size()))) {
      boolean covered =
          kept.stream().anyMatch(k -> k.classId() == box.classId() && k.overlap(box) > IOU);
      if (!covered) {
        kept.add(box);
      }
    }
    return kept;
  }

  private static void read(float[] head, Shape shape, float scale, List<PeerBox> into) {
    int channels = (int) shape.get(1);
    int rows = (int) shape.get(2);
    int columns = (int) shape.get(3);
    int cells = rows * columns;
    float stride = (float) SIDE / columns;
    for (int cell = 0; cell < cells; cell++) {
      int best = BOX;
      for (int c = BOX + 1; c < channels; c++) {
        best = head[c * cells + cell] > head[best * cells + cell] ? c : best;
      }
      int row = cell / columns;
      float x = (cell % columns + 0.5f) * stride;
      float y = (row + 0.5f) * stride;
      into.add(
          new PeerBox(
              best - BOX,
              head[best * cells + cell],
              (x - head[cell] * stride) / scale,
              (y - head[cells + cell] * stride) / scale,
              (x + head[2 * cells + cell] * stride) / scale,
              (y + head[3 * cells + cell] * stride) / scale));
    }
  }
}
