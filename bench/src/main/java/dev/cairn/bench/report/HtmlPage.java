package dev.cairn.bench.report;

import dev.cairn.bench.peer.Peer;
import dev.cairn.bench.run.Operation;
import dev.cairn.bench.run.Results;
import java.util.List;
import java.util.Optional;

/** A page with everything on it: no scripts, and nothing from anywhere else. */
final class HtmlPage {
  private static final String STYLE =
      """
      :root { --ink: #22262b; --faint: #6b727b; --line: #e3e6ea; }
      body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff;
             max-width: 1320px; margin: 32px auto; padding: 0 24px; }
      h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 44px 0 8px;
             border-top: 1px solid var(--line); padding-top: 20px; }
      p { max-width: 80ch; } code { background: #f3f4f6; padding: 1px 5px; border-radius: 3px; }
      .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(560px, 1fr));
             gap: 12px 24px; }
      .plots svg { width: 100%; height: auto; }
      figure { margin: 20px 0; overflow-x: auto; }
      figcaption { font-weight: 600; margin-bottom: 6px; }
      table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
      th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line);
             vertical-align: top; }
      th { color: var(--faint); font-weight: 600; }
      .figure { text-align: right; white-space: nowrap; }
      .note { color: var(--faint); font-size: 13px; margin: 6px 0 0; }
      .key span { white-space: nowrap; margin-right: 16px; }
      .key i { display: inline-block; width: 10px; height: 10px; border-radius: 5px;
             margin-right: 5px; }
      summary { cursor: pointer; font-weight: 600; margin: 14px 0; }
      """;

  private final Results results;
  private final Tables tables;
  private final Plots plots;
  private final StringBuilder page = new StringBuilder();

  HtmlPage(Results results) {
    this.results = results;
    this.tables = new Tables(results);
    this.plots = new Plots(results);
  }

  String write() {
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width\"/>\n");
    page.append("<title>Cairn benchmarks</title>\n<style>\n").append(STYLE);
    page.append("</style>\n</head>\n<body>\n");
    introduction();
    for (String workload : results.workloads()) {
      workload(workload);
    }
    section("After a kill");
    plots(results.workloads().stream().map(plots::openings).toList());
    page.append(tables.files().html());
    section("The ceiling, and what is in every figure");
    page.append(tables.jmh().html());
    page.append(tables.fences().html());
    page.append(tables.driver().html());
    return page.append("</body>\n</html>\n").toString();
  }

  private void section(String title) {
    page.append("<h2>").append(Html.escaped(title)).append("</h2>\n");
  }

  private void introduction() {
    page.append("<h1>Cairn beside others</h1>\n<p>The same work for everybody, each in its most ");
    page.append("durable setting, in processes of its own. What a row promises after a crash ");
    page.append("stands beside its name: a put that is durable, and one that is not, are not ");
    page.append("the same work. Ratios are of this run. Every axis of time is logarithmic.</p>\n");
    page.append("<p class=\"key\">");
    for (Peer peer : Peer.values()) {
      page.append("<span><i style=\"background:").append(Palette.css(peer)).append("\"></i>");
      page.append(Html.escaped(peer.title())).append("</span> ");
    }
    page.append("</p>\n");
    page.append(conditions().html());
    page.append(tables.promises().html());
    if (!results.missing().isEmpty()) {
      page.append(tables.missing().html());
    }
  }

  private Table conditions() {
    List<List<String>> rows =
        results.conditions().entrySet().stream()
            .map(condition -> List.of(condition.getKey(), condition.getValue()))
            .toList();
    return new Table("How it was measured", "", 2, List.of("what", ""), rows);
  }

  private void workload(String workload) {
    section(Tables.title(workload));
    plots(operations().stream().map(operation -> plots.times(workload, operation)).toList());
    for (int threads : results.rows().stream().map(Results.Row::threads).distinct().toList()) {
      page.append(tables.times(workload, threads).html());
    }
    page.append("<details><summary>Latencies</summary>\n");
    plots(operations().stream().map(operation -> plots.latencies(workload, operation)).toList());
    for (int threads : results.rows().stream().map(Results.Row::threads).distinct().toList()) {
      page.append(tables.latencies(workload, threads).html());
    }
    page.append("</details>\n<details><summary>Allocation</summary>\n");
    page.append(tables.allocation(workload).html()).append("</details>\n");
  }

  private static List<Operation> operations() {
    return List.of(Operation.values());
  }

  private void plots(List<Optional<Plot>> all) {
    page.append("<div class=\"plots\">\n");
    all.stream().flatMap(Optional::stream).forEach(plot -> page.append(SvgWriter.svg(plot)));
    page.append("</div>\n");
  }
}
