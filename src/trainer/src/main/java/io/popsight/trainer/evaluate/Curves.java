package io.popsight.trainer.evaluate;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Line plots in one look, as PNG. */
public final class Curves {

  private static final int WIDTH = 1000;
  private static final int HEIGHT = 620;
  private static final int LEGEND_LINE = 28;
  private static final Color INK = new Color(0x33, 0x3b, 0x45);
  private static final Color GRID = new Color(0xe3, 0xe7, 0xec);
  private static final String DECIMALS = "#,##0.######";
  private static final int MOST_POINTS = 400;

  /** Few enough for a tick each. */
  private static final int FEW_POINTS = 12;

  /** Lines are drawn from point to point, and a dash is seen on a long piece only. */
  private static final int MOST_DASHED_POINTS = 40;

  private static final Color[] COLOURS =
      IntStream.of(
              0x1f6fb4, 0xe07b00, 0x2c9a3c, 0xd02c2c, 0x8e5fc0, 0x8a5a44, 0xe060b0, 0x6f7680,
              0x9c9a00, 0x12b0c4)
          .mapToObj(Color::new)
          .toArray(Color[]::new);

  /** One after the other as colours run out. */
  private static final List<BasicStroke> STROKES =
      List.of(stroke(), stroke(9, 5), stroke(2, 4), stroke(12, 4, 2, 4));

  private final String title;
  private final String x;
  private final String y;
  private final List<Line> lines = new ArrayList<>();
  private Optional<Ends> across = Optional.empty();
  private Optional<Ends> upright = Optional.empty();

  private record Line(String name, double[] x, double[] y) {}

  private record Ends(double least, double most) {}

  /** An empty plot. */
  public Curves(String title, String x, String y) {
    this.title = title;
    this.x = x;
    this.y = y;
  }

  private static BasicStroke stroke(float... dashes) {
    return new BasicStroke(
        2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dashes.length == 0 ? null : dashes, 0);
  }

  /** Adds a line; without points it is left out. Of many points some are shown. */
  public Curves line(String name, double[] x, double[] y) {
    if (x.length > 0) {
      lines.add(new Line(name, x, y));
    }
    return this;
  }

  /** Ends of the upright axis. */
  public Curves upright(double least, double most) {
    upright = Optional.of(new Ends(least, most));
    return this;
  }

  /** Whether there is anything to see. */
  public boolean isEmpty() {
    return lines.isEmpty();
  }

  /** The picture. */
  public byte[] png() {
    XYChart chart = empty();
    int most = lines.size() > COLOURS.length ? MOST_DASHED_POINTS : MOST_POINTS;
    for (int l = 0; l < lines.size(); l++) {
      draw(chart, lines.get(l), most, STROKES.get(l / COLOURS.length % STROKES.size()));
    }
    try {
      return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private XYChart empty() {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(Math.max(HEIGHT, LEGEND_LINE * (lines.size() + 1)))
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    Font text = new Font(Font.SANS_SERIF, Font.PLAIN, 18);
    XYStyler styler = chart.getStyler();
    styler
        .setLegendPosition(Styler.LegendPosition.OutsideE)
        .setChartBackgroundColor(Color.WHITE)
        .setLegendBorderColor(Color.WHITE)
        .setLegendFont(text)
        .setSeriesColors(COLOURS)
        .setChartFontColor(INK)
        .setChartTitleFont(text.deriveFont(Font.BOLD, 20f));
    styler.setPlotGridLinesColor(GRID).setPlotBorderColor(GRID);
    styler.setAxisTickLabelsFont(text.deriveFont(16f)).setAxisTitleFont(text);
    styler.setLocale(Locale.ROOT);
    styler.setXAxisDecimalPattern(DECIMALS).setYAxisDecimalPattern(DECIMALS);
    across.ifPresent(ends -> styler.setXAxisMin(ends.least()).setXAxisMax(ends.most()));
    upright.ifPresent(ends -> styler.setYAxisMin(ends.least()).setYAxisMax(ends.most()));
    return chart;
  }

  private static void draw(XYChart chart, Line line, int most, BasicStroke stroke) {
    int last = line.x().length - 1;
    int step = 1 + last / most;
    int[] shown = IntStream.rangeClosed(0, last).filter(i -> i % step == 0 || i == last).toArray();
    chart
        .addSeries(
            line.name(),
            across(line, shown),
            IntStream.of(shown).mapToDouble(i -> line.y()[i]).toArray())
        .setMarker(last == 0 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE)
        .setLineStyle(stroke);
  }

  /**
   * XChart puts ticks on every so many points where these are equally spaced, so close that labels
   * run into each other. Half a pixel more at the end has it look for round numbers.
   */
  private static double[] across(Line line, int[] shown) {
    double[] x = IntStream.of(shown).mapToDouble(i -> line.x()[i]).toArray();
    if (x.length > FEW_POINTS) {
      x[x.length - 1] += (x[x.length - 1] - x[0]) / (2 * WIDTH);
    }
    return x;
  }

  /** Precision over recall at IoU 0.5, a line a class. */
  public static byte[] precisionRecall(List<DetectedPhoto> photos, List<String> labels) {
    AveragePrecision figures = new AveragePrecision(photos, labels);
    Curves curves = new Curves("Precision and recall at IoU 0.5", "recall", "precision");
    curves.upright(0, 1).across = Optional.of(new Ends(0, 1));
    for (int c = 0; c < labels.size(); c++) {
      PrecisionRecall curve = figures.curve(c, 0.5);
      curves.line(labels.get(c), curve.recall(), curve.precision());
    }
    return curves.png();
  }
}
