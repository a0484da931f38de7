package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapInUseException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.spi.ChildJvm.Result;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only shows with a second JVM: locks between processes, and faults that might kill one. */
class OtherProcessTest {
  private static final HeapOptions OPTIONS =
      HeapOptions.defaults().withInitialSize(2L << 20).withMaximumSize(64L << 20);

  private Path shared;
  @TempDir Path directory;

  @BeforeEach
  void createDirectory() throws IOException {
    shared = SharedMemory.createDirectory();
  }

  @AfterEach
  void deleteDirectory() throws IOException {
    SharedMemory.delete(shared);
  }

  /** Opens a heap, writes to it without closing it, and dies. */
  static final class Opener {
    private Opener() {}

    public static void main(String[] arguments) throws IOException {
      try {
        HeapFile heap = HeapFile.open(Path.of(arguments[0]), OPTIONS);
        heap.markInUse();
        heap.accessor().putWord(HeapLayout.ROOT_OFFSET, 77);
        heap.accessor().persist(HeapLayout.ROOT_OFFSET, 8);
        System.out.println("open");
        Runtime.getRuntime().halt(0);
      } catch (HeapInUseException e) {
        System.out.println("in use: " + e.getMessage());
      }
    }
  }

  @Test
  void keepsAHeapFromBeingOpenedTwice() throws Exception {
    Path path = shared.resolve("a.heap");
    try (HeapFile heap = HeapFile.create(path, OPTIONS)) {
      Result refused = ChildJvm.run(directory, Opener.class, path.toString());
      assertEquals(0, refused.status(), refused.output());
      assertTrue(refused.output().contains("in use: " + path), refused.output());
      heap.checkUsable();
    }
    Result opened = ChildJvm.run(directory, Opener.class, path.toString());
    assertTrue(opened.output().contains("open"), opened.output());
    try (HeapFile heap = HeapFile.open(path, OPTIONS)) {
      assertFalse(heap.wasClosedCleanly());
      assertEquals(77, heap.accessor().getWord(HeapLayout.ROOT_OFFSET));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4096, 65536})
  void survivesATruncatedFile(int flushedBytes) throws Exception {
    int rounds = 150;
    Result result =
        ChildJvm.run(
            directory,
            TruncationVictim.class,
            shared.toString(),
            Integer.toString(rounds),
            Integer.toString(flushedBytes));
    assertEquals(0, result.status(), result.output());
    assertTrue(result.output().contains("rounds " + rounds + ": typed "), result.output());
  }
}
