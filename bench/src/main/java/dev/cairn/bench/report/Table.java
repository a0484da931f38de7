package dev.cairn.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Words and figures in rows, written in several ways. The first columns hold words and are aligned
 * to the left, the others to the right.
 *
 * @param title what it shows, with the unit
 * @param note what else must be known to read it; may be empty
 * @param wordColumns how many columns hold words
 * @param columns their heads
 * @param rows each as long as the heads
 */
record Table(
    String title, String note, int wordColumns, List<String> columns, List<List<String>> rows) {
  private static final int GAP = 2;

  /** Returns lines for a terminal. */
  String text() {
    List<Integer> widths = IntStream.range(0, columns.size()).map(this::width).boxed().toList();
    StringBuilder text = new StringBuilder(title).append('\n');
    text.append(line(columns, widths)).append('\n');
    int whole = widths.stream().mapToInt(width -> width + GAP).sum() - GAP;
    text.append("-".repeat(Math.max(1, whole))).append('\n');
    for (List<String> row : rows) {
      text.append(line(row, widths)).append('\n');
    }
    return note.isEmpty() ? text.toString() : text.append(note).append('\n').toString();
  }

  private int width(int column) {
    int widest = columns.get(column).length();
    for (List<String> row : rows) {
      widest = Math.max(widest, row.get(column).length());
    }
    return widest;
  }

  private String line(List<String> cells, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String space = " ".repeat(widths.get(i) - cells.get(i).length());
      line.append(i == 0 ? "" : " ".repeat(GAP));
      line.append(i < wordColumns ? cells.get(i) + space : space + cells.get(i));
    }
    return line.toString().stripTrailing();
  }

  /** Returns a table for a README. */
  String markdown() {
    StringBuilder markdown = new StringBuilder("**").append(title).append("**\n\n");
    markdown.append(markdownLine(columns));
    List<String> rule = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      rule.add(i < wordColumns ? "---" : "---:");
    }
    markdown.append(markdownLine(rule));
    rows.forEach(row -> markdown.append(markdownLine(row)));
    return note.isEmpty()
        ? markdown.toString()
        : markdown.append('\n').append(note).append('\n').toString();
  }

  private static String markdownLine(List<String> cells) {
    return "| "
        + String.join(" | ", cells.stream().map(cell -> cell.replace("|", "\\|")).toList())
        + " |\n";
  }

  /** Returns an element for a page. */
  String html() {
    StringBuilder html = new StringBuilder("<figure class=\"table\"><figcaption>");
    html.append(Html.escaped(title)).append("</figcaption>\n<table>\n<thead>");
    html.append(htmlLine(columns, "th")).append("</thead>\n<tbody>\n");
    rows.forEach(row -> html.append(htmlLine(row, "td")));
    html.append("</tbody>\n</table>\n");
    if (!note.isEmpty()) {
      html.append("<p class=\"note\">").append(Html.escaped(note)).append("</p>\n");
    }
    return html.append("</figure>\n").toString();
  }

  private String htmlLine(List<String> cells, String element) {
    StringBuilder line = new StringBuilder("<tr>");
    for (int i = 0; i < cells.size(); i++) {
      line.append('<').append(element).append(i < wordColumns ? ">" : " class=\"figure\">");
      line.append(Html.escaped(cells.get(i))).append("</").append(element).append('>');
    }
    return line.append("</tr>\n").toString();
  }
}
