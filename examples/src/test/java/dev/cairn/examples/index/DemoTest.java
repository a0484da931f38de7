package dev.cairn.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Input that is of no use ends the demo with exit code 2 and a message that names it. */
class DemoTest {
  @TempDir private Path folder;

  @Test
  void refusesAFolderThatIsNotThere() {
    refuses("no such folder", folder.resolve("missing").toString());
  }

  @Test
  void refusesAFile() throws IOException {
    refuses("not a folder", Files.createFile(folder.resolve("file")).toString());
  }

  @Test
  void refusesAnEmptyFolder() {
    refuses("no text files", folder.toString());
  }

  @Test
  void refusesAFolderOfBinaries() throws IOException {
    Files.write(folder.resolve("binary"), new byte[8]);
    refuses("1 binary", folder.toString());
  }

  @Test
  void refusesAHeapThatExists() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    Files.writeString(texts.resolve("text"), "some words");
    Path heap = Files.writeString(folder.resolve("heap"), "precious");
    refuses("exists already", texts.toString(), "--heap", heap.toString());
    assertEquals("precious", Files.readString(heap));
    assertEquals(List.of("heap", "texts"), names());
  }

  @Test
  void refusesAHeapInAFolderThatIsNotThere() throws IOException {
    Files.writeString(folder.resolve("text"), "some words");
    String heap = folder.resolve("missing/heap").toString();
    refuses("its folder does not exist", folder.toString(), "--heap", heap);
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    refuses("--kills", folder.toString(), "--kills", "-1");
    refuses("--limit-files", folder.toString(), "--limit-files", "0");
    refuses("--kills", folder.toString(), "--kills", "many");
    refuses("--unknown", folder.toString(), "--unknown");
  }

  @Test
  void tellsItsExitCodes() {
    DemoOutput demo = DemoOutput.of("--help");
    assertEquals(0, demo.exitCode());
    assertTrue(demo.out().contains("Exit codes:"), demo.out());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void refuses(String why, String... args) {
    DemoOutput demo = DemoOutput.of(args);
    assertEquals(2, demo.exitCode(), demo.toString());
    assertTrue(demo.err().contains(why), demo.toString());
  }
}
