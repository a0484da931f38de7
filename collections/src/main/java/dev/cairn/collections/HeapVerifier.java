package dev.cairn.collections;

import dev.cairn.collections.Catalog.CatalogEntry;
import dev.cairn.heap.HeapCorruptedException;
import java.util.Arrays;
import java.util.Map;

/**
 * Compares what can be reached from the catalog with what is allocated: a block that is allocated
 * and not reached has leaked; one that is reached and not allocated is dangling; one that is
 * reached twice will be freed twice.
 */
final class HeapVerifier {
  private final OpenHeap heap;
  private final Catalog catalog;
  private long[] reached = new long[1024];
  private long[] reachedLengths = new long[1024];
  private int count;

  HeapVerifier(OpenHeap heap, Catalog catalog) {
    this.heap = heap;
    this.catalog = catalog;
  }

  /** Checks the heap, whose collections are locked. */
  void run() {
    catalog.map().walk(this::reach);
    for (Map.Entry<String, byte[]> named : catalog.map().entrySet()) {
      walk(CatalogEntry.decode(named.getValue(), heap.file().name()));
    }
    compare();
  }

  private void walk(CatalogEntry entry) {
    switch (entry.kind()) {
      case MAP -> PersistentHashMap.walk(heap.accessor(), entry.offset(), this::reach);
      case LIST -> ListElements.walk(heap.accessor(), entry.offset(), this::reach);
    }
  }

  private void reach(long block, long length) {
    if (count == reached.length) {
      reached = Arrays.copyOf(reached, 2 * count);
      reachedLengths = Arrays.copyOf(reachedLengths, 2 * count);
    }
    reached[count] = block;
    reachedLengths[count] = length;
    count++;
  }

  private void compare() {
    long[] sorted = Arrays.copyOf(reached, count);
    Arrays.sort(sorted);
    for (int i = 1; i < count; i++) {
      check(sorted[i] != sorted[i - 1], sorted[i], "one way to it", "two");
    }
    Position position = new Position();
    heap.allocator()
        .forEachAllocated(
            (block, size) -> {
              boolean found = position.next < count && sorted[position.next] == block;
              if (!found && position.next < count) {
                check(sorted[position.next] > block, sorted[position.next], "allocated", "free");
              }
              check(found, block, "a way to it", "leaked, %d bytes".formatted(size));
              position.next++;
            });
    if (position.next < count) {
      check(false, sorted[position.next], "allocated", "free");
    }
    for (int i = 0; i < count; i++) {
      long size = heap.allocator().blockSize(reached[i]);
      check(
          reachedLengths[i] <= size,
          reached[i],
          "content within its %d bytes".formatted(size),
          "%d bytes".formatted(reachedLengths[i]));
    }
  }

  /** How far the comparison has come. */
  private static final class Position {
    int next;
  }

  private static void check(boolean ok, long block, String expected, String actual) {
    if (!ok) {
      throw new HeapCorruptedException("block", block, expected, actual);
    }
  }
}
