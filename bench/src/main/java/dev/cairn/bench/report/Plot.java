package dev.cairn.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.DefaultXYDataset;

/**
 * Marks on a logarithmic axis of time, a line of the plot for each contestant. Marks and not bars:
 * a bar's length says nothing where there is no zero.
 */
final class Plot {
  static final int WIDTH = 640;

  private static final int ROW_HEIGHT = 19;
  private static final int FRAME_HEIGHT = 84;
  private static final double RADIUS = 4.2;
  private static final double SMALL = 3;
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
  private static final Font STRONG = new Font(Font.SANS_SERIF, Font.BOLD, 13);
  private static final double ROOM_LEFT = 0.7;
  private static final double ROOM_FOR_LABELS = 6;

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
  record Point(double nanos, Mark mark) {}

  /**
   * One line: a heading if it has no points.
   *
   * @param label at the left
   * @param colour of its marks
   * @param points in rising order if they are joined
   * @param joined whether a line joins them
   * @param note beside the last point
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
    XYPlot plot = new XYPlot(data, timeAxis(), labelAxis(), renderer);
    for (int row = 0; row < lines.size(); row++) {
      add(lines.get(row), row, data, renderer, plot);
    }
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinePaint(Palette.GRID);
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setDomainMinorGridlinesVisible(true);
    plot.setDomainMinorGridlinePaint(Palette.FINE_GRID);
    plot.setDomainMinorGridlineStroke(new BasicStroke(1));
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
      Line line, int row, DefaultXYDataset data, XYLineAndShapeRenderer renderer, XYPlot plot) {
    List<Point> points = line.points();
    if (line.joined()) {
      double[] times = points.stream().mapToDouble(Point::nanos).toArray();
      int series = series(data, times, row);
      renderer.setSeriesShapesVisible(series, false);
      renderer.setSeriesLinesVisible(series, true);
      renderer.setSeriesPaint(series, line.colour());
      renderer.setSeriesStroke(series, new BasicStroke(1.6f));
    }
    for (Point point : points) {
      int series = series(data, new double[] {point.nanos()}, row);
      renderer.setSeriesShape(series, shape(point.mark()));
      renderer.setSeriesLinesVisible(series, false);
      renderer.setSeriesPaint(series, line.colour());
      renderer.setSeriesShapesFilled(series, point.mark() != Mark.HOLLOW);
    }
    if (!points.isEmpty()) {
      double last = points.stream().mapToDouble(Point::nanos).max().orElseThrow();
      XYTextAnnotation note = new XYTextAnnotation("  " + line.note(), last, row);
      note.setTextAnchor(TextAnchor.CENTER_LEFT);
      note.setFont(TEXT);
      note.setPaint(Palette.INK);
      plot.addAnnotation(note);
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

  private LogAxis timeAxis() {
    List<Double> times = new ArrayList<>();
    lines.forEach(line -> line.points().forEach(point -> times.add(point.nanos())));
    double least = times.stream().mapToDouble(time -> time).min().orElse(1);
    double most = times.stream().mapToDouble(time -> time).max().orElse(1000);
    LogAxis time = new LogAxis(axis);
    time.setBase(10);
    time.setTickUnit(new NumberTickUnit(1));
    time.setMinorTickCount(10);
    time.setNumberFormatOverride(new TimeFormat());
    time.setRange(least * ROOM_LEFT, most * ROOM_FOR_LABELS);
    time.setLabelFont(TEXT);
    time.setTickLabelFont(TEXT);
    time.setLabelPaint(Palette.FAINT);
    time.setTickLabelPaint(Palette.INK);
    time.setAxisLinePaint(Palette.GRID);
    time.setTickMarkPaint(Palette.GRID);
    time.setMinorTickMarksVisible(false);
    return time;
  }

  private SymbolAxis labelAxis() {
    SymbolAxis labels =
        new SymbolAxis(null, lines.stream().map(Line::label).toArray(String[]::new));
    labels.setInverted(true);
    labels.setGridBandsVisible(false);
    labels.setTickMarksVisible(false);
    labels.setAxisLineVisible(false);
    labels.setTickLabelFont(TEXT);
    labels.setTickLabelPaint(Palette.INK);
    return labels;
  }
}
