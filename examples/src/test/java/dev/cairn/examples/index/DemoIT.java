package dev.cairn.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.examples.command.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo, with processes that are killed, on a small folder. */
@Timeout(120)
class DemoIT {
  private static final int FILES = 60;

  @TempDir private Path folder;
  private Path texts;

  @BeforeEach
  void writeTexts() throws IOException {
    texts = Files.createDirectories(folder.resolve("texts"));
    for (int i = 0; i < FILES; i++) {
      StringBuilder text = new StringBuilder("cairn ");
      for (int word = 0; word < 20 * i; word++) {
        text.append("word").append(word % 700).append(' ');
      }
      Files.writeString(texts.resolve("text" + i), text);
    }
    Files.write(texts.resolve("binary"), new byte[10]);
  }

  @Test
  void survivesTwoKillsOnEachSide() throws IOException {
    Path heap = folder.resolve("kept.heap");
    DemoOutput demo =
        DemoOutput.of(texts.toString(), "--kills", "2", "--seed", "1", "--heap", heap.toString());
    assertEquals(0, demo.exitCode(), demo.toString());
    assertTrue(demo.out().contains("60 text files (left out: 1 binary"), demo.out());
    assertTrue(demo.out().contains("after kill 2"), demo.out());
    assertFalse(demo.out().contains("after kill 3"), demo.out());
    try (Index index = Storage.HEAP.open(heap, false)) {
      assertEquals(FILES, index.fileCount());
      assertEquals(FILES, index.total("cairn"));
    }
    try (var left = Files.list(folder)) {
      assertEquals(2, left.count(), "the texts, and the heap that was asked for");
    }
  }

  @Test
  void killsAsOftenAsItIsToldEvenWhenThereIsLittleToDo() {
    DemoOutput demo = DemoOutput.of(texts.toString(), "--limit-files", "2", "--kills", "3");
    assertEquals(0, demo.exitCode(), demo.toString());
    assertTrue(demo.out().contains("after kill 3"), demo.out());
  }

  @Test
  void failsWhenTheHeapHoldsWhatNobodyAdded() throws IOException {
    Path heap = folder.resolve("index.heap");
    try (Index index = Storage.HEAP.create(heap, false)) {
      index.add("stranger", Words.count("a word"));
    }
    DemoFailedException failure = assertThrows(DemoFailedException.class, run(heap)::run);
    assertTrue(String.valueOf(failure.getMessage()).contains("0 were acknowledged"));
  }

  @Test
  void showsWhatAWorkerSaidBeforeItFailed() {
    IndexRun run = run(folder.resolve("missing.heap"));
    DemoFailedException failure = assertThrows(DemoFailedException.class, run::run);
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains("exit code 1"), message);
    assertTrue(message.contains("missing.heap"), message);
  }

  private IndexRun run(Path heap) {
    Job job = new Job(Storage.HEAP, false, heap, folder, FILES, Optional.of(texts));
    return new IndexRun(job, FILES, new KillPlan(1, 0, FILES), new Progress(System.out, false));
  }
}
