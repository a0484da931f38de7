package dev.cairn.examples.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.examples.Printed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide's code is that of a program that is compiled and run here. */
class GuideTest {
  private static final Path GUIDE = Path.of("../docs/guide.md");
  private static final Path SOURCES = Path.of("src/main/java/dev/cairn/examples/guide");

  @TempDir private Path folder;

  @Test
  void theShopDoesWhatTheGuideSays() throws Exception {
    String printed =
        Printed.by(() -> Shop.main(new String[] {folder.resolve("shop.heap").toString()}));
    for (String line :
        List.of(
            "Order 1",
            "Order 2",
            "No order, because of java.lang.IllegalArgumentException: not in stock: 7 x tent",
            "Packed: Order[customer=Alice, item=rope, count=2]",
            "Rope: 18 left, 2 ordered")) {
      assertTrue(printed.contains(line), printed);
      assertTrue(Files.readString(GUIDE).contains(line), () -> "the guide does not say: " + line);
    }
  }

  @Test
  void theShopIsWholeAfterEachCrash() {
    ExplorationReport report = ShopCrashTest.explore();
    System.out.println(report);
    assertTrue(report.imagesDistinct() > 20, report::toString);
  }

  /** Each line of Java in the guide is in the program, in this order within its block. */
  @Test
  void theGuidesCodeIsThatOfTheProgram() throws IOException {
    String program = "";
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        program += withoutIndentation(Files.readString(file).lines().toList());
      }
    }
    List<String> missing = new ArrayList<>();
    int blocks = 0;
    for (List<String> block : blocks(Files.readAllLines(GUIDE))) {
      blocks++;
      for (String part : withoutIndentation(block).split("\n\\.\\.\\.\n", -1)) {
        if (!program.contains(part.strip())) {
          missing.add(part);
        }
      }
    }
    assertEquals(List.of(), missing, "code of the guide that no program has");
    assertTrue(blocks >= 4, blocks + " blocks");
  }

  private static List<List<String>> blocks(List<String> lines) {
    List<List<String>> blocks = new ArrayList<>();
    List<String> block = null;
    for (String line : lines) {
      if (line.equals("```java")) {
        block = new ArrayList<>();
        blocks.add(block);
      } else if (line.equals("```")) {
        block = null;
      } else if (block != null) {
        block.add(line);
      }
    }
    return blocks;
  }

  private static String withoutIndentation(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line.strip()).append('\n'));
    return text.toString();
  }
}
