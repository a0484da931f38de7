package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.heap.HeapOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threads that map and unmap files at the same time keep their hands off each other's mappings. */
class ConcurrentMappingTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 300;
  private static final long SIZE = 4 << 20;
  private static final long PAGE = 4096;

  @TempDir private Path folder;

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void eachReadsWhatItStored() throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      tasks.add(
          () -> {
            mapOften(thread);
            return null;
          });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }

  private void mapOften(int thread) throws Exception {
    Path path = folder.resolve("file " + thread);
    MappedFile.create(path, SIZE, HeapOptions.defaults()).medium().close();
    for (int i = 0; i < ROUNDS; i++) {
      LockedFile file = LockedFile.openFileOrDevice(path);
      // Closes the file, too.
      try (MappedMedium medium = MediumChoice.map(file, HeapOptions.defaults(), SIZE, SIZE)) {
        MemorySegment bytes = medium.segment();
        long mine = (long) thread * ROUNDS + i;
        for (long at = 0; at < SIZE; at += PAGE) {
          bytes.set(ValueLayout.JAVA_LONG, at, mine + at);
        }
        for (long at = 0; at < SIZE; at += PAGE) {
          assertEquals(mine + at, bytes.get(ValueLayout.JAVA_LONG, at));
        }
      }
    }
  }
}
