package dev.cairn.btt;

import static dev.cairn.btt.SmallTable.ARENA_SIZE;
import static dev.cairn.btt.SmallTable.BLOCK_SIZE;
import static dev.cairn.btt.SmallTable.SIZES;
import static dev.cairn.btt.SmallTable.block;
import static dev.cairn.btt.SmallTable.format;
import static dev.cairn.btt.SmallTable.open;
import static dev.cairn.btt.SmallTable.read;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A medium of blocks, without a heap: heaps on it are in the module of evidence. */
class BttMediumTest {
  private final SimulatedMedium below = SmallTable.medium(1);
  private final BttStore store = format(below);
  private final List<BttMedium> opened = new ArrayList<>();

  private static void fill(Medium medium, int block, int value) {
    medium.segment().asSlice((long) block * BLOCK_SIZE, BLOCK_SIZE).fill((byte) value);
  }

  /** Its memory is given back when the test has ended. */
  private BttMedium over(BttStore of) throws IOException {
    BttMedium medium = BttMedium.over(of);
    opened.add(medium);
    return medium;
  }

  @AfterEach
  void close() {
    opened.forEach(BttMedium::close);
  }

  private static byte[] content(Medium medium, int block) {
    return medium.segment().asSlice((long) block * BLOCK_SIZE, BLOCK_SIZE).toArray(JAVA_BYTE);
  }

  @Test
  void whatWasFencedIsThereWhenItIsOpenedAgain() throws IOException {
    store.write(9, block(9));
    BttMedium medium = over(store);
    assertEquals(56 * BLOCK_SIZE, medium.size());
    assertEquals(0, medium.segment().address() % 64);
    assertArrayEquals(block(9), content(medium, 9));
    for (int i = 1; i <= 3; i++) {
      fill(medium, i, i);
    }
    medium.flush(BLOCK_SIZE, BLOCK_SIZE);
    medium.flush(2 * BLOCK_SIZE + 63, 1);
    medium.fence();
    medium.flush(3 * BLOCK_SIZE, BLOCK_SIZE);
    BttMedium again = over(open(below));
    assertArrayEquals(block(1), content(again, 1));
    assertArrayEquals(block(2), content(again, 2));
    assertArrayEquals(block(0), content(again, 3));
    assertArrayEquals(block(9), content(again, 9));
    medium.fence();
    assertArrayEquals(block(3), content(over(open(below)), 3));
  }

  @Test
  void costsAreThese() throws IOException {
    BttMedium medium = over(store);
    assertCosts(medium, 3, 4, 1);
    assertCosts(medium, 3, 4, 1, 1, 1);
    assertCosts(medium, 3, 4 * 3 + 2, 1, 2, 3, 1, 3, 20);
    assertCosts(medium, 0, 0);
    medium.flush(0, 0);
    assertCosts(medium, 0, 0);
    // More blocks than lanes: in as many rounds as it takes.
    assertCosts(medium, 6, 3 * 4 + 1 + 4, 1, 2, 3, 4, 5);
  }

  private void assertCosts(BttMedium medium, long fences, long lines, int... blocks) {
    Counts before = below.counts();
    for (int block : blocks) {
      medium.flush((long) block * BLOCK_SIZE, 8);
    }
    medium.fence();
    Counts cost = below.counts().minus(before);
    assertEquals(fences, cost.fences(), cost::toString);
    assertEquals(lines, cost.flushedLines(), cost::toString);
  }

  /** A fence of blocks in crashes: each block is whole, and none that was fenced is lost. */
  @Test
  void aCrashTearsNoBlock() {
    CrashExplorer.onMedium(ARENA_SIZE)
        .withSamples(48)
        .withShrinking(0)
        .explore(
            (simulated, recorder) -> {
              format(simulated);
              BttMedium medium = BttMedium.over(open(simulated));
              recorder.start();
              for (int value = 1; value <= 3; value++) {
                for (int block : new int[] {1, 2, 30}) {
                  fill(medium, block, value);
                  medium.flush((long) block * BLOCK_SIZE, BLOCK_SIZE);
                }
                medium.fence();
                recorder.acknowledge(value);
              }
            },
            (simulated, progress) -> {
              BttMedium medium = BttMedium.over(open(simulated));
              for (int block : new int[] {1, 2, 30}) {
                byte[] found = content(medium, block);
                assertArrayEquals(block(found[0]), found);
                int done = progress.count();
                assertTrue(found[0] == done || found[0] == done + 1, block + ": " + found[0]);
              }
            });
  }

  /** Each thread has a word of every block; what its fence has covered, no other's fence undoes. */
  @Test
  void fencesOfManyThreadsDoNotUndoEachOther() throws Exception {
    BttMedium medium = over(store);
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int number = 0; number < 4; number++) {
      int word = number * Long.BYTES;
      tasks.add(() -> storeManyTimes(medium, word));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    }
    assertFalse(open(below).isReadOnly());
  }

  private Void storeManyTimes(BttMedium medium, int word) {
    for (long value = 1; value < 1500; value++) {
      for (int block = 0; block < 3; block++) {
        medium.segment().set(JAVA_LONG, (long) block * BLOCK_SIZE + word, value);
        medium.flush((long) block * BLOCK_SIZE + word, Long.BYTES);
      }
      medium.fence();
      for (int block = 0; block < 3; block++) {
        byte[] durable = read(store, block);
        assertEquals(value, ByteBuffer.wrap(durable).order(ByteOrder.LITTLE_ENDIAN).getLong(word));
      }
    }
    return null;
  }

  /** Fails when it is told to. */
  private static final class Breakable extends ForwardingMedium {
    private boolean isBroken;

    Breakable(Medium inner) {
      super(inner);
    }

    @Override
    public void fence() {
      if (isBroken) {
        throw new HeapFailedException("on purpose", null);
      }
      super.fence();
    }
  }

  @Test
  void aFenceThatFailedFailsForEver() throws IOException {
    Breakable breakable = new Breakable(below);
    BttMedium medium = over(open(breakable));
    medium.flush(0, 8);
    breakable.isBroken = true;
    HeapFailedException failure = assertThrows(HeapFailedException.class, medium::fence);
    assertTrue(String.valueOf(failure.getMessage()).contains("on purpose"), failure::toString);
    breakable.isBroken = false;
    assertThrows(HeapFailedException.class, medium::fence);
    medium.flush(0, 8);
    assertThrows(HeapFailedException.class, medium::fence);
  }

  @Test
  void whatCannotBearAHeapIsRefused() throws IOException {
    store.setError(3);
    assertThrows(BttBlockErrorException.class, () -> over(store));
    BttOptions odd =
        new BttOptions(BttPlacement.START, 100, 4, SmallTable.OWN, SmallTable.PARENT, 0);
    BttStore hundreds = BttStore.format(SmallTable.medium(1), odd, SIZES);
    assertThrows(IllegalArgumentException.class, () -> over(hundreds));
    below.segment().set(JAVA_BYTE, ARENA_SIZE - 2 * 4096 + 12, (byte) 7);
    BttStore broken = open(below);
    assertThrows(BttReadOnlyException.class, () -> over(broken));
    assertDoesNotThrow(() -> read(broken, 1));
  }

  @Test
  void itIsAMediumOfFixedSize() throws Exception {
    BttMedium medium = over(store);
    assertEquals(medium.size(), medium.maximumSize());
    medium.grow(medium.size());
    assertThrows(IllegalArgumentException.class, () -> medium.grow(medium.size() + 64));
    assertThrows(IndexOutOfBoundsException.class, () -> medium.flush(medium.size(), 1));
    assertEquals(below.durability().survives(), medium.durability().survives());
    assertEquals("BTT on " + below.name(), medium.name());
    assertNotNull(medium.observer());
    assertEquals(medium.observer(), medium.observer());
    medium.close();
    medium.close();
    assertThrows(IllegalStateException.class, () -> medium.flush(0, 8));
    assertThrows(IllegalStateException.class, () -> medium.segment().get(JAVA_BYTE, 0));
  }
}
