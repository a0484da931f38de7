package dev.cairn.btt;

import static dev.cairn.btt.SmallTable.FREE_BLOCKS;
import static dev.cairn.btt.SmallTable.block;
import static dev.cairn.btt.SmallTable.format;
import static dev.cairn.btt.SmallTable.open;
import static dev.cairn.btt.SmallTable.read;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.SimulatedMedium;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Views of blocks that stay as they are while the blocks are written. */
class BttPinTest {
  private final SimulatedMedium medium = SmallTable.medium(1);
  private final BttStore store = format(medium);

  private static void assertShows(int value, BttPin pin) {
    assertArrayEquals(block(value), pin.content().toArray(JAVA_BYTE));
  }

  @Test
  void aPinShowsTheBlockWhereItLies() {
    store.write(3, block(1));
    Counts before = medium.counts();
    try (BttPin pin = store.pin(3)) {
      assertShows(1, pin);
      assertEquals(3, pin.block());
      assertEquals(SmallTable.BLOCK_SIZE, pin.content().byteSize());
      assertTrue(pin.content().isReadOnly());
      MemorySegment bytes = medium.segment();
      long start = pin.content().address() - bytes.address();
      assertTrue(start >= 4096 && start < SmallTable.ARENA_SIZE, "no copy: at " + start);
    }
    Counts cost = medium.counts().minus(before);
    assertEquals(0, cost.fences() + cost.flushedLines(), cost::toString);
  }

  @Test
  void aPinnedBlockStaysAsItIs() {
    store.write(3, block(1));
    try (BttPin pin = store.pin(3)) {
      for (int i = 0; i < 10 * FREE_BLOCKS; i++) {
        store.write(3, block(2 + i));
        store.write(4, block(3 + i));
        assertShows(1, pin);
        assertArrayEquals(block(2 + i), read(store, 3));
      }
      store.setZero(3);
      store.setError(3);
      assertShows(1, pin);
    }
    assertTrue(open(medium).damage().isEmpty());
  }

  @Test
  void zerosAndLostBlocksArePinnedAsTheyAreRead() {
    try (BttPin pin = store.pin(5)) {
      store.write(5, block(1));
      assertShows(0, pin);
      store.setZero(5);
    }
    try (BttPin pin = store.pin(5)) {
      assertShows(0, pin);
    }
    store.setError(5);
    assertThrows(BttBlockErrorException.class, () -> store.pin(5));
    assertThrows(IndexOutOfBoundsException.class, () -> store.pin(store.blockCount()));
    assertEquals(0, store.pinCount());
  }

  @Test
  void writesFailWhenAllFreeBlocksArePinnedAndGoOnWhenOneIsReleased() {
    store.write(0, block(1));
    List<BttPin> pins = new ArrayList<>();
    for (int i = 0; i < FREE_BLOCKS; i++) {
      pins.add(store.pin(0));
      store.write(0, block(2 + i));
    }
    BttPinnedException refusal =
        assertThrows(BttPinnedException.class, () -> store.write(1, block(9)));
    assertTrue(String.valueOf(refusal.getMessage()).contains("all 4 free blocks"));
    assertArrayEquals(block(0), read(store, 1));
    assertArrayEquals(block(1 + FREE_BLOCKS), read(store, 0));
    for (int i = 0; i < FREE_BLOCKS; i++) {
      assertShows(1 + i, pins.get(i));
    }
    pins.get(2).close();
    store.write(1, block(9));
    store.write(1, block(10));
    assertArrayEquals(block(10), read(store, 1));
    for (int i : new int[] {0, 1, 3}) {
      assertShows(1 + i, pins.get(i));
      pins.get(i).close();
    }
  }

  @Test
  void aBlockIsFreeOnlyWhenItsLastPinIsReleased() {
    store.write(0, block(1));
    BttPin first = store.pin(0);
    try (BttPin second = store.pin(0)) {
      first.close();
      first.close();
      assertThrows(IllegalStateException.class, first::content);
      for (int i = 0; i < 10 * FREE_BLOCKS; i++) {
        store.write(0, block(2 + i));
      }
      assertShows(1, second);
    }
  }

  @Test
  void pinsOfManyBlocksThatNobodyWritesHoldNobodyUp() {
    List<BttPin> pins = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      store.write(i, block(i));
      pins.add(store.pin(i));
    }
    for (int i = 0; i < 10 * FREE_BLOCKS; i++) {
      store.write(52, block(i));
    }
    for (int i = 0; i < 50; i++) {
      assertShows(i, pins.get(i));
      pins.get(i).close();
    }
  }

  @Test
  void unreleasedPinsAreNamedWhenTheStoreIsClosed() {
    store.write(0, block(1));
    BttPin kept = store.pin(0);
    store.pin(7).close();
    assertEquals(1, store.pinCount());
    IllegalStateException report = assertThrows(IllegalStateException.class, store::close);
    String message = String.valueOf(report.getMessage());
    assertTrue(message.startsWith("closed with 1 pins unreleased"), message);
    assertTrue(message.contains("block 0, pinned at"), message);
    assertTrue(message.contains("BttPinTest.unreleasedPinsAreNamed"), message);
    store.close();
    kept.close();
    assertEquals(0, store.pinCount());
  }

  /** More writers and pins than free blocks; what is seen of a pin never changes. */
  @Test
  void pinsHoldAgainstManyWriters() throws Exception {
    AtomicInteger refusals = new AtomicInteger();
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int number = 0; number < 3; number++) {
      int seed = number;
      tasks.add(() -> writeManyTimes(seed, refusals));
      tasks.add(() -> pinManyTimes(seed));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    }
    assertEquals(0, store.pinCount());
    assertFalse(open(medium).isReadOnly());
    assertTrue(refusals.get() < 3 * 4000, "nobody could ever write");
  }

  private Void writeManyTimes(int seed, AtomicInteger refusals) {
    Random random = new Random(seed);
    for (int i = 0; i < 4000; i++) {
      try {
        store.write(random.nextInt(3), block(random.nextInt()));
      } catch (BttPinnedException e) {
        refusals.getAndIncrement();
        Thread.onSpinWait();
      }
    }
    return null;
  }

  private Void pinManyTimes(int seed) {
    Random random = new Random(seed);
    Deque<BttPin> pins = new ArrayDeque<>();
    Deque<Byte> contents = new ArrayDeque<>();
    for (int i = 0; i < 4000; i++) {
      BttPin pin = store.pin(random.nextInt(3));
      pins.add(pin);
      contents.add(pin.content().get(JAVA_BYTE, 0));
      while (pins.size() > 1) {
        try (BttPin oldest = pins.remove()) {
          assertShows(contents.remove(), oldest);
        }
      }
    }
    pins.remove().close();
    return null;
  }
}
