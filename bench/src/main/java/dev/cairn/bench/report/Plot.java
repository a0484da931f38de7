package dev.cairn.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.Function;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.DefaultXYDataset;

/**
 * Marks on a logarithmic axis of time, a line of the plot for each contestant. Marks and not bars:
 * a bar's length says nothing where there is no zero. The chart knows the axis as one of exponents:
 * its own logarithmic one draws letters as outlines, which makes pages large.
 */
final class Plot {
  static final int WIDTH = 640;

  private static final int ROW_HEIGHT = 19;
  private static final int FRAME_HEIGHT = 84;
  private static final double RADIUS = 4.5;
  private static final double SMALL = 3;
  static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
  static final Font STRONG = new Font(Font.SANS_SERIF, Font.BOLD, 13);
  private static final double DECADES_AROUND = 0.15;
  private static final double MOST_LABELS = 5;

  private final String title;
  private final String axis;
  private final List<Line> lines;

  /** How a mark looks. */
  enum Mark {
    /** The figure that counts. */
    FULL,
    /** One beside it. */
    HOLLOW,
    /** An end. */
    TICK
  }

  /** A time, and how it is marked. */
  record Point(double nanos, Mark mark) {
    private double exponent() {
      return Math.log10(nanos);
    }
  }

  /**
   * One line: a heading if it has no points.
   *
   * @param label at the left
   * @param colour of its marks
   * @param points in rising order if they are joined
   * @param joined whether a line joins them
   * @param note at the right
   */
  record Line(String label, Color colour, List<Point> points, boolean joined, String note) {
    static Line heading(String label) {
      return new Line(label, Palette.FAINT, List.of(), false, "");
    }
  }

  Plot(String title, String axis, List<Line> lines) {
    this.title = title;
    this.axis = axis;
    this.lines = lines;
  }

  int height() {
    return FRAME_HEIGHT + ROW_HEIGHT * lines.size();
  }

  JFreeChart chart() {
    DefaultXYDataset data = new DefaultXYDataset();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
    XYPlot plot = new XYPlot(data, timeAxis(), labelAxis(Line::label), renderer);
    plot.setRangeAxis(1, labelAxis(Line::note));
    for (int row = 0; row < lines.size(); row++) {
      add(lines.get(row), row, data, renderer);
    }
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinePaint(Palette.GRID);
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setRangeGridlinesVisible(false);
    plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
    JFreeChart chart = new JFreeChart(null, STRONG, plot, false);
    TextTitle heading = new TextTitle(title, STRONG);
    heading.setPaint(Palette.INK);
    heading.setHorizontalAlignment(HorizontalAlignment.LEFT);
    heading.setPadding(new RectangleInsets(4, 6, 6, 0));
    chart.setTitle(heading);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(2, 4, 2, 10));
    return chart;
  }

  private static void add(
      Line line, int row, DefaultXYDataset data, XYLineAndShapeRenderer renderer) {
    List<Point> points = line.points();
    if (line.joined()) {
      double[] times = points.stream().mapToDouble(Point::exponent).toArray();
      int series = series(data, times, row);
      renderer.setSeriesShapesVisible(series, false);
      renderer.setSeriesLinesVisible(series, true);
      renderer.setSeriesPaint(series, line.colour());
      renderer.setSeriesStroke(series, new BasicStroke(1.6f));
    }
    for (Point point : points) {
      int series = series(data, new double[] {point.exponent()}, row);
      renderer.setSeriesShape(series, shape(point.mark()));
      renderer.setSeriesLinesVisible(series, false);
      renderer.setSeriesPaint(series, line.colour());
      renderer.setSeriesShapesFilled(series, point.mark() != Mark.HOLLOW);
    }
  }

  private static int series(DefaultXYDataset data, double[] times, int row) {
    double[] rows = new double[times.length];
    java.util.Arrays.fill(rows, row);
    int series = data.getSeriesCount();
    data.addSeries(series, new double[][] {times, rows});
    return series;
  }

  private static Shape shape(Mark mark) {
    return mark == Mark.TICK
        ? new Rectangle2D.Double(-0.8, -SMALL - 1, 1.6, 2 * SMALL + 2)
        : new Ellipse2D.Double(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS);
  }

  private NumberAxis timeAxis() {
    DoubleSummaryStatistics exponents =
        lines.stream()
            .flatMap(line -> line.points().stream())
            .mapToDouble(Point::exponent)
            .summaryStatistics();
    double least = exponents.getMin() - DECADES_AROUND;
    double most = exponents.getMax() + DECADES_AROUND;
    NumberAxis time = new NumberAxis(axis);
    time.setTickUnit(new NumberTickUnit(1));
    time.setNumberFormatOverride(new DecadeFormat(most - least > MOST_LABELS));
    time.setRange(least, most);
    time.setLabelFont(TEXT);
    time.setTickLabelFont(TEXT);
    time.setLabelPaint(Palette.FAINT);
    time.setTickLabelPaint(Palette.INK);
    time.setAxisLinePaint(Palette.GRID);
    time.setTickMarkPaint(Palette.GRID);
    return time;
  }

  /** Words beside each line. The chart measures them, and draws in the room that they leave. */
  private SymbolAxis labelAxis(Function<Line, String> words) {
    SymbolAxis labels = new SymbolAxis(null, lines.stream().map(words).toArray(String[]::new));
    labels.setInverted(true);
    labels.setGridBandsVisible(false);
    labels.setTickMarksVisible(false);
    labels.setAxisLineVisible(false);
    labels.setTickLabelFont(TEXT);
    labels.setTickLabelPaint(Palette.INK);
    return labels;
  }
}
