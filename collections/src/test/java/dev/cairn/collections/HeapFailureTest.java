package dev.cairn.collections;

import static dev.cairn.collections.TestHeaps.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapFailedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A medium that fails under a heap in use. */
class HeapFailureTest {
  private final AnonymousMedium memory = AnonymousMedium.of(4 * MIB);
  private final FailingMedium medium = new FailingMedium(memory);
  private final PersistentHeap heap =
      PersistentHeap.create(medium, TestHeaps.OPTIONS.withLockTimeout(Duration.ofMillis(200)));
  private final PersistentHashMap<Long, Long> map = heap.map("map", Types.LONG, Types.LONG);
  private final PersistentArrayList<Long> list = heap.list("list", Types.LONG);

  /**
   * The translation of an exception asked whether the heap could be used, and threw instead of
   * telling so. The transaction was then never ended: its thread could not close the heap, being
   * inside a transaction, and no other thread could, waiting for that one.
   */
  @Test
  void heapThatFailsInsideATransactionCanBeClosed() throws Exception {
    map.put(1L, 1L);
    list.add(1L); // so that the next one writes a log
    assertThrows(
        HeapFailedException.class,
        () ->
            heap.transact(
                () -> {
                  map.put(1L, 2L);
                  TestHeaps.inOtherThread(
                      () -> {
                        medium.fail();
                        assertThrows(HeapFailedException.class, () -> list.add(1L));
                        return true;
                      });
                  map.put(1L, 3L);
                }));
    assertThrows(HeapFailedException.class, () -> map.get(1L));
    assertThrows(HeapFailedException.class, () -> map.put(1L, 1L));
    assertThrows(HeapFailedException.class, () -> list.size());
    assertThrows(HeapFailedException.class, heap::verify);
    heap.close();
    assertThrows(IllegalStateException.class, () -> map.get(1L));
    PersistentHeap again = PersistentHeap.open(memory, TestHeaps.OPTIONS);
    again.verify();
    assertEquals(1L, again.map("map", Types.LONG, Types.LONG).get(1L));
    assertEquals(Set.of("map", "list"), again.names());
    again.close();
  }

  /**
   * The failure of a step outside any log, such as making a run of blocks, told its caller that the
   * heap had failed, and left the heap in use for everyone else.
   */
  @Test
  void heapHasFailedWhenTheAllocatorCouldNotWrite() {
    map.put(1L, 1L);
    medium.fail();
    assertThrows(HeapFailedException.class, () -> list.add(1L)); // makes a run first
    assertThrows(HeapFailedException.class, () -> map.get(1L));
    heap.close();
  }

  /**
   * An operation that ran out of stack had taken a block and not noted it: later ones met a heap
   * that seemed damaged, though only its volatile state was.
   */
  @Test
  void heapHasFailedWhenTheStackOverflowed() {
    map.put(1L, 1L);
    assertThrows(
        HeapFailedException.class,
        () ->
            map.compute(
                1L,
                (key, value) -> {
                  throw new StackOverflowError("planted");
                }));
    assertThrows(HeapFailedException.class, () -> map.put(2L, 2L));
    heap.close();
    PersistentHeap again = PersistentHeap.open(memory, TestHeaps.OPTIONS);
    again.verify();
    assertEquals(1L, again.map("map", Types.LONG, Types.LONG).get(1L));
    again.close();
  }

  @Test
  void operationThatCouldNotBeMadeDurableLeavesTheHeapFailed() {
    list.add(1L);
    medium.fail();
    assertThrows(HeapFailedException.class, () -> list.add(2L));
    assertThrows(HeapFailedException.class, () -> list.get(0));
    heap.close();
    PersistentHeap again = PersistentHeap.open(memory, TestHeaps.OPTIONS);
    again.verify();
    PersistentArrayList<Long> found = again.list("list", Types.LONG);
    assertEquals(1L, found.getFirst());
    assertFalse(found.size() > 2);
    again.close();
  }

  /**
   * A close whose medium failed while it settled what was published kept file and lock: nobody
   * could open the heap again, not even the same process.
   */
  @Test
  void heapWhoseMediumFailsInCloseIsClosed(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("heap");
    FailingMedium[] failing = new FailingMedium[1];
    PersistentHeap closing =
        PersistentHeap.create(
            path,
            TestHeaps.OPTIONS.withMediumDecorator(
                mapped -> failing[0] = new FailingMedium(mapped)));
    closing.longMap("longs").put(1, 2);
    failing[0].fail();
    assertThrows(
        HeapFailedException.class, closing::close); // once: a second one does close the file
    try (PersistentHeap again = PersistentHeap.open(path, TestHeaps.OPTIONS)) {
      again.verify();
      assertEquals(2, again.longMap("longs").get(1, 0));
    }
  }

  /**
   * An operation that ran out of stack at its end was never ended: what the thread did next joined
   * it, and was told to be durable, and was not. Either the heap has failed, or all is as ever.
   */
  @Test
  void operationsThatRunOutOfStackEndOrFail() throws Exception {
    for (int round = 0; round < 40; round++) {
      SimulatedMedium memory = SimulatedMedium.create(4 * TestHeaps.MIB, 4 * TestHeaps.MIB);
      memory.sanitizeWith(Sanitizer.off());
      PersistentHeap shallow = TestHeaps.on(memory);
      PersistentLongMap longs = shallow.longMap("longs");
      long frames = round;
      Thread thread = new Thread(null, () -> recurse(longs, frames), "recursion", 256 << 10);
      Throwable[] thrown = new Throwable[1];
      thread.setUncaughtExceptionHandler((t, e) -> thrown[0] = e);
      thread.start();
      thread.join();
      assertNull(thrown[0]);
      shallow.close();
      try (PersistentHeap again =
          PersistentHeap.open(SimulatedMedium.of(memory.newestImage()), TestHeaps.OPTIONS)) {
        again.verify();
      }
    }
  }

  @SuppressWarnings("InfiniteRecursion") // on purpose
  private static void recurse(PersistentLongMap longs, long depth) {
    try {
      if ((depth & 7) == 0) {
        longs.put(depth & 63, depth);
        longs.remove((depth + 1) & 63);
      }
      recurse(longs, depth + 1);
    } catch (StackOverflowError | HeapFailedException e) {
      // Out of stack, here or within Cairn.
    }
  }
}
