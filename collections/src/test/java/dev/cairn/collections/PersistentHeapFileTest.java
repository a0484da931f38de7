package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapInUseException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.MediumKind;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heaps in files, as users have them. */
class PersistentHeapFileTest {
  private static final HeapOptions SMALL =
      TestHeaps.OPTIONS.withInitialSize(2 * TestHeaps.MIB).withMaximumSize(64 * TestHeaps.MIB);

  @TempDir private Path directory;

  private static void live(Path path, HeapOptions options) throws IOException {
    UUID uuid;
    try (PersistentHeap heap = PersistentHeap.create(path, options)) {
      uuid = heap.uuid();
      PersistentHashMap<String, Long> map = heap.map("map", Types.STRING, Types.LONG);
      map.put("one", 1L);
      heap.transact(() -> map.put("two", 2L));
      PersistentArrayList<byte[]> list = heap.list("list", Types.BYTES);
      for (int i = 0; i < 8; i++) {
        list.add(new byte[(int) TestHeaps.MIB]); // grows the file
      }
      HeapInUseException inUse =
          assertThrows(HeapInUseException.class, () -> PersistentHeap.open(path, options));
      assertTrue(
          TestHeaps.message(inUse).contains(path.getFileName().toString()),
          TestHeaps.message(inUse));
      assertThrows(HeapInUseException.class, () -> PersistentHeap.openOrCreate(path, options));
    }
    assertThrows(FileAlreadyExistsException.class, () -> PersistentHeap.create(path, options));
    for (int i = 0; i < 2; i++) {
      try (PersistentHeap heap = PersistentHeap.openOrCreate(path, options)) {
        heap.verify();
        assertEquals(uuid, heap.uuid());
        assertFalse(heap.stats().rolledBack());
        assertEquals(Map.of("one", 1L, "two", 2L), heap.map("map", Types.STRING, Types.LONG));
        assertEquals(8, heap.list("list", Types.BYTES).size());
      }
    }
  }

  @Test
  void livesInThePageCache() throws IOException {
    live(directory.resolve("a.heap"), SMALL.withMedium(MediumKind.PAGE_CACHE));
  }

  @Test
  void livesWhereverItIsPut() throws IOException {
    live(directory.resolve("a.heap"), SMALL);
  }

  @Test
  void livesInSharedMemory() throws IOException {
    Path shm = Path.of("/dev/shm");
    Assumptions.assumeTrue(Files.isWritable(shm), "no /dev/shm");
    Path own = Files.createTempDirectory(shm, "cairn-test");
    try {
      live(own.resolve("a.heap"), SMALL.withMedium(MediumKind.MEMORY));
    } finally {
      Files.deleteIfExists(own.resolve("a.heap"));
      Files.delete(own);
    }
  }

  @Test
  void badPathsAreToldAndLeftAlone() throws IOException {
    Path missing = directory.resolve("missing");
    assertThrows(NoSuchFileException.class, () -> PersistentHeap.open(missing));
    assertFalse(Files.exists(missing));
    assertThrows(IOException.class, () -> PersistentHeap.create(missing.resolve("a.heap"), SMALL));
    assertThrows(IOException.class, () -> PersistentHeap.open(directory));
    assertThrows(IOException.class, () -> PersistentHeap.create(directory, SMALL));
    assertThrows(IOException.class, () -> PersistentHeap.openOrCreate(directory, SMALL));
    Path text = directory.resolve("text");
    List<String> lines = List.of("no heap at all".repeat(100_000));
    Files.write(text, lines);
    assertThrows(HeapFormatException.class, () -> PersistentHeap.open(text));
    assertThrows(FileAlreadyExistsException.class, () -> PersistentHeap.create(text, SMALL));
    assertEquals(lines, Files.readAllLines(text));
  }
}
