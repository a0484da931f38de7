package dev.cairn.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.cairn.bench.run.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes results: to a terminal, as a page, as Markdown, as JSON. */
public final class Report {
  private final Results results;
  private final Tables tables;

  /** Prepares a report. */
  public Report(Results results) {
    this.results = results;
    this.tables = new Tables(results);
  }

  /** Returns what a terminal shows. */
  public String text() {
    return String.join("\n", tables().stream().map(Table::text).toList());
  }

  /** Returns tables for a README. */
  public String markdown() {
    StringBuilder markdown = new StringBuilder();
    results
        .conditions()
        .forEach(
            (what, value) ->
                markdown.append("* ").append(what).append(": ").append(value).append('\n'));
    tables().forEach(table -> markdown.append('\n').append(table.markdown()));
    return markdown.toString();
  }

  private List<Table> tables() {
    List<Table> shown = new ArrayList<>();
    for (String workload : results.workloads()) {
      for (int threads : results.rows().stream().map(Results.Row::threads).distinct().toList()) {
        shown.add(tables.times(workload, threads));
      }
    }
    results.workloads().stream().limit(1).forEach(w -> shown.add(tables.latencies(w, 1)));
    results.workloads().stream().limit(1).forEach(w -> shown.add(tables.allocation(w)));
    shown.addAll(List.of(tables.files(), tables.fences(), tables.jmh(), tables.driver()));
    shown.add(tables.promises());
    shown.add(tables.missing());
    return shown.stream().filter(table -> !table.rows().isEmpty()).toList();
  }

  /** Returns the page. */
  public String html() {
    return new HtmlPage(results).write();
  }

  /** Returns the raw results. */
  public String json() throws IOException {
    return new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValueAsString(results);
  }

  /**
   * Writes the files.
   *
   * @param folder created if it is not there
   * @param name of the files, without what follows the dot
   * @return the page
   */
  public Path write(Path folder, String name) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(name + ".json"), json());
    Files.writeString(folder.resolve(name + ".md"), markdown());
    return Files.writeString(folder.resolve(name + ".html"), html());
  }
}
