package io.popsight.trainer.evaluate;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Line plots in one look, as PNG. */
public final class Curves {

  private static final int WIDTH = 1000;
  private static final int HEIGHT = 620;
  private static final Color INK = new Color(0x33, 0x3b, 0x45);
  private static final Color GRID = new Color(0xe3, 0xe7, 0xec);
  private static final int MOST_POINTS = 400;

  private final XYChart chart;

  /** An empty plot. */
  public Curves(String title, String x, String y) {
    chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    Font text = new Font(Font.SANS_SERIF, Font.PLAIN, 18);
    chart
        .getStyler()
        .setLegendPosition(Styler.LegendPosition.OutsideE)
        .setChartBackgroundColor(Color.WHITE)
        .setLegendBorderColor(Color.WHITE)
        .setLegendFont(text)
        .setChartFontColor(INK)
        .setChartTitleFont(text.deriveFont(Font.BOLD, 20f));
    chart.getStyler().setPlotGridLinesColor(GRID).setPlotBorderColor(GRID);
    chart.getStyler().setAxisTickLabelsFont(text.deriveFont(16f)).setAxisTitleFont(text);
  }

  /** Adds a line; without points it is left out. Of many points some are shown. */
  public Curves line(String name, double[] x, double[] y) {
    if (x.length == 0) {
      return this;
    }
    int step = 1 + x.length / MOST_POINTS;
    int[] shown =
        IntStream.range(0, x.length).filter(i -> i % step == 0 || i == x.length - 1).toArray();
    chart
        .addSeries(
            name,
            IntStream.of(shown).mapToDouble(i -> x[i]).toArray(),
            IntStream.of(shown).mapToDouble(i -> y[i]).toArray())
        .setMarker(x.length == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    return this;
  }

  /** Ends of the upright axis. */
  public Curves from(double least, double most) {
    chart.getStyler().setYAxisMin(least).setYAxisMax(most);
    return this;
  }

  /** Whether there is anything to see. */
  public boolean isEmpty() {
    return chart.getSeriesMap().isEmpty();
  }

  /** The picture. */
  public byte[] png() {
    try {
      return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Precision over recall at IoU 0.5, a line a class. */
  public static byte[] precisionRecall(List<DetectedPhoto> photos, List<String> labels) {
    AveragePrecision figures = new AveragePrecision(photos, labels);
    Curves curves = new Curves("Precision and recall at IoU 0.5", "recall", "precision");
    curves.from(0, 1).chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0);
    for (int c = 0; c < labels.size(); c++) {
      PrecisionRecall curve = figures.curve(c, 0.5);
      curves.line(labels.get(c), curve.recall(), curve.precision());
    }
    return curves.png();
  }
}
