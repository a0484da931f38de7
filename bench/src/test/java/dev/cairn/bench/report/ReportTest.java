package dev.cairn.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.bench.peer.Peer;
import dev.cairn.bench.peer.Place;
import dev.cairn.bench.run.Contestant;
import dev.cairn.bench.run.FenceCount;
import dev.cairn.bench.run.Measurement;
import dev.cairn.bench.run.Operation;
import dev.cairn.bench.run.Results;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ReportTest {
  private static final String WORKLOAD = "long-bytes";
  private static final Contestant CAIRN = new Contestant(Peer.CAIRN, Place.MEMORY);
  private static final Contestant CHRONICLE = new Contestant(Peer.CHRONICLE, Place.MEMORY);
  private static final Contestant LLPL = new Contestant(Peer.LLPL, Place.MEMORY);

  @TempDir private Path folder;

  @BeforeAll
  static void drawWithoutScreen() {
    System.setProperty("java.awt.headless", "true");
  }

  private static Results results() {
    List<Results.Row> rows = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      for (int threads = 1; threads <= 2; threads++) {
        rows.add(row(CAIRN, operation, threads, 400));
        rows.add(row(CHRONICLE, operation, threads, 1000));
      }
    }
    return new Results(
        1000,
        Map.of("CPU", "one <fast> & quiet"),
        rows,
        List.of(new Results.Files(CAIRN, WORKLOAD, 1000, 150, 15, 3)),
        List.of(new Results.Fences(WORKLOAD, new FenceCount(Operation.REPLACE, 1, 4))),
        List.of(new Results.Jmh("readClock", 25, Double.NaN, 0)),
        List.of(row(CAIRN, Operation.GET, 1, 20)),
        List.of(new Results.Missing(LLPL, "", "libpmemobj.so.1 is missing")));
  }

  private static Results.Row row(
      Contestant contestant, Operation operation, int threads, double nanos) {
    return new Results.Row(
        contestant,
        WORKLOAD,
        operation,
        threads,
        contestant.equals(CHRONICLE) ? 640 : 1000,
        nanos,
        nanos,
        nanos,
        operation == Operation.SCAN ? null : new Measurement.Latency(nanos, 2000, 30_000, 500),
        96,
        1000);
  }

  @Test
  void showsRatiosAndWhatIsNotAtomic() {
    String text = new Report(results()).text();
    assertTrue(text.contains("400 (1.0×)"), text);
    assertTrue(text.contains("1,000 (2.5×)"), text);
    assertTrue(text.contains("1,000 (2.5×) †"), text);
    assertTrue(text.contains("not durable"), text);
    assertTrue(text.contains("Chronicle Map (640 entries)"), text);
    assertTrue(text.contains("libpmemobj.so.1 is missing"), text);
  }

  @Test
  void alignsColumns() {
    Table table =
        new Table(
            "title", "", 1, List.of("name", "ns"), List.of(List.of("a", "1"), List.of("b", "10")));
    assertEquals("title\nname  ns\n--------\na      1\nb     10\n", table.text());
    assertEquals(
        "**title**\n\n| name | ns |\n| --- | ---: |\n| a | 1 |\n| b | 10 |\n", table.markdown());
  }

  @Test
  void writesAPageThatIsWellFormedAndNeedsNothingElse() throws Exception {
    String html = new Report(results()).html();
    Document page =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    assertTrue(page.getElementsByTagName("svg").getLength() >= Operation.values().length);
    assertTrue(page.getElementsByTagName("table").getLength() >= 5);
    assertEquals(0, page.getElementsByTagName("script").getLength());
    assertEquals(0, page.getElementsByTagName("link").getLength());
    assertEquals(0, page.getElementsByTagName("img").getLength());
    assertFalse(html.contains("https:"));
    assertFalse(html.contains("<fast>"));
    assertUniqueIdentifiers(page.getElementsByTagName("*"));
    assertMeasured(page.getElementsByTagName("text"));
  }

  /** What a plot says is as long in any font as it was when the plot was laid out. */
  private static void assertMeasured(NodeList texts) {
    assertTrue(texts.getLength() > 0);
    for (int i = 0; i < texts.getLength(); i++) {
      Element text = (Element) texts.item(i);
      int length = Integer.parseInt(text.getAttribute("textLength"));
      assertTrue(length > 0 && length < Plot.WIDTH, text.getTextContent());
    }
  }

  private static void assertUniqueIdentifiers(NodeList elements) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < elements.getLength(); i++) {
      String id = ((Element) elements.item(i)).getAttribute("id");
      assertTrue(id.isEmpty() || seen.add(id), id);
    }
  }

  @Test
  void writesRawResults() throws Exception {
    Path page = new Report(results()).write(folder.resolve("new"), "bench");
    assertEquals("bench.html", page.getFileName().toString());
    assertTrue(Files.size(folder.resolve("new").resolve("bench.md")) > 0);
    JsonNode json =
        new ObjectMapper().readTree(folder.resolve("new").resolve("bench.json").toFile());
    assertEquals(2 * 2 * Operation.values().length, json.get("rows").size());
    assertEquals(400, json.get("rows").get(0).get("nanos").asDouble());
    assertEquals("CAIRN", json.get("rows").get(0).get("contestant").get("peer").asText());
  }

  @Test
  void givesTimesTheUnitThatSuitsThem() {
    assertEquals("400 ns", TimeFormat.of(400));
    assertEquals("1.50 µs", TimeFormat.of(1500));
    assertEquals("12.3 ms", TimeFormat.of(12_300_000));
    assertEquals("10 s", TimeFormat.of(1e10));
  }
}
