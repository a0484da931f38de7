package dev.cairn.bench;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.heap.HeapOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A heap of a benchmark's own, on {@code /dev/shm} if there is room, else where temporary files go.
 */
final class BenchmarkHeap implements AutoCloseable {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final long NEEDED = 2L << 30;

  private @Nullable Path directory;
  private @Nullable PersistentHeap heap;

  PersistentHeap create() throws IOException {
    boolean roomy =
        Files.isWritable(SHARED_MEMORY)
            && Files.getFileStore(SHARED_MEMORY).getUsableSpace() > NEEDED;
    directory =
        roomy
            ? Files.createTempDirectory(SHARED_MEMORY, "cairn-bench")
            : Files.createTempDirectory("cairn-bench");
    heap = PersistentHeap.create(file(), HeapOptions.defaults());
    System.out.println("heap: " + file() + ", " + heap.durability());
    return heap;
  }

  Path file() {
    if (directory == null) {
      throw new IllegalStateException("not created");
    }
    return directory.resolve("bench.heap");
  }

  @Override
  public void close() throws IOException {
    if (heap != null && directory != null) {
      heap.close();
      Files.deleteIfExists(file());
      Files.deleteIfExists(directory);
    }
  }
}
