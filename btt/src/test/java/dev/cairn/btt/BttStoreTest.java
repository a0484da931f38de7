package dev.cairn.btt;

import static dev.cairn.btt.SmallTable.ARENA_SIZE;
import static dev.cairn.btt.SmallTable.PARENT;
import static dev.cairn.btt.SmallTable.SIZES;
import static dev.cairn.btt.SmallTable.block;
import static dev.cairn.btt.SmallTable.format;
import static dev.cairn.btt.SmallTable.open;
import static dev.cairn.btt.SmallTable.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables without crashes: content, damage, cost. */
class BttStoreTest {
  private final SimulatedMedium medium = SmallTable.medium(1);
  private final MediumAccessor bytes = MediumAccessor.forProtocol(medium);

  @Test
  void blocksAreWhatWasWrittenLastAlsoAfterReopening() {
    SimulatedMedium three = SmallTable.medium(3);
    BttStore store = format(three);
    assertEquals(3 * 56, store.blockCount());
    byte[] expected = new byte[(int) store.blockCount()];
    Random random = new Random(7);
    for (int i = 0; i < 3000; i++) {
      int block = random.nextInt(expected.length);
      if (i % 7 == 0) {
        store.setZero(block);
        expected[block] = 0;
      } else {
        expected[block] = (byte) i;
        store.write(block, block(i));
      }
      if (i % 100 == 0) {
        store = open(three);
        assertEquals(0, store.damage().size(), store.damage()::toString);
      }
    }
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(block(expected[i]), read(store, i));
    }
  }

  @Test
  void aBlockInErrorIsRefusedUntilItIsWritten() {
    BttStore store = format(medium);
    store.write(5, block(1));
    store.setError(5);
    assertThrows(BttBlockErrorException.class, () -> read(store, 5));
    BttStore again = open(medium);
    assertThrows(BttBlockErrorException.class, () -> read(again, 5));
    again.write(5, block(2));
    assertArrayEquals(block(2), read(again, 5));
    assertFalse(open(medium).isReadOnly());
  }

  @Test
  void costsAreThese() {
    BttStore store = format(medium);
    assertCosts(3, 4, () -> store.write(3, block(1)));
    assertCosts(3, 4, () -> store.write(3, block(2)));
    assertCosts(1, 1, () -> store.setZero(3));
    assertCosts(0, 0, () -> store.setZero(3));
    assertCosts(1, 1, () -> store.setError(3));
    assertCosts(0, 0, () -> read(store, 9));
    assertCosts(0, 0, () -> open(medium));
  }

  private void assertCosts(long fences, long lines, Runnable operation) {
    Counts before = medium.counts();
    operation.run();
    Counts counts = medium.counts().minus(before);
    assertEquals(fences, counts.fences(), counts::toString);
    assertEquals(lines, counts.flushedLines(), counts::toString);
    assertEquals(0, counts.idleLines() + counts.idleFences(), counts::toString);
  }

  @ParameterizedTest
  @CsvSource({"START,0", "AFTER_FIRST_PAGE,4096", "POOL,8192"})
  void tablesAreFoundWhereverTheyBegin(BttPlacement placement, int offset) {
    long size = offset + 2L * ARENA_SIZE;
    SimulatedMedium longer = SimulatedMedium.create(size, size);
    MediumAccessor to = MediumAccessor.forProtocol(longer);
    ArenaSizes sizes = new ArenaSizes(ARENA_SIZE, 4L * ARENA_SIZE);
    if (placement == BttPlacement.POOL) {
      to.putWord(0, 0x004b_4c42_4d45_4d50L);
      to.putInt(4096, 64);
    }
    BttStore.format(longer, SmallTable.options(placement), sizes).write(1, block(1));
    for (long broken : new long[] {-1, offset, offset + 60, size - 4096, size - 4000}) {
      if (broken >= 0) {
        to.putByte(broken, (byte) 0x77);
      }
      BttStore store = BttStore.open(longer, sizes);
      assertEquals(placement, store.placement());
      assertArrayEquals(block(1), read(store, 1));
      assertTrue(to.rangesEqual(offset, size - 4096, 4096), "both info blocks are good again");
    }
    to.fill(offset, 4096, (byte) 0);
    to.fill(size - 4096, 4096, (byte) 0);
    byte[] before = content(to);
    assertThrows(HeapFormatException.class, () -> BttStore.open(longer, sizes));
    assertArrayEquals(before, content(to));
  }

  @Test
  void aTableWithBothInfoBlocksBrokenIsNotTouched() {
    format(medium).write(1, block(1));
    bytes.putByte(100, (byte) 1);
    bytes.putByte(ARENA_SIZE - 4000, (byte) 1);
    byte[] before = content(bytes);
    assertThrows(HeapCorruptedException.class, () -> open(medium));
    assertArrayEquals(before, content(bytes));
  }

  @Test
  void anotherParentIsRefused() {
    format(medium);
    assertThrows(
        BttParentMismatchException.class,
        () -> BttStore.open(medium, BttPlacement.START, new UUID(9, 9), SIZES));
    assertEquals(56, BttStore.open(medium, BttPlacement.START, PARENT, SIZES).blockCount());
  }

  @Test
  void aPoolsTableOfAnotherPoolIsRefused() {
    long size = 8192 + 2 * ARENA_SIZE;
    ArenaSizes sizes = new ArenaSizes(ARENA_SIZE, 4L * ARENA_SIZE);
    SimulatedMedium pool = SimulatedMedium.create(size, size);
    MediumAccessor to = MediumAccessor.forProtocol(pool);
    assertThrows(
        HeapFormatException.class,
        () -> BttStore.format(pool, SmallTable.options(BttPlacement.POOL), sizes));
    to.putWord(0, 0x004b_4c42_4d45_4d50L);
    to.putInt(4096, 64);
    assertThrows(HeapFormatException.class, () -> BttStore.open(pool, sizes));
    BttStore.format(pool, SmallTable.options(BttPlacement.POOL), sizes);
    to.putWord(24, 1);
    assertThrows(BttParentMismatchException.class, () -> BttStore.open(pool, sizes));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 7, -1})
  void anImpossibleFlogMakesTheArenaReadOnly(int sequence) {
    BttStore store = format(medium);
    store.write(1, block(1));
    long flog = ARENA_SIZE - 2 * 4096;
    // Slot 0 has sequence 1, slot 1 has 2.
    bytes.putInt(flog + 12, sequence == 0 ? 2 : sequence);
    assertReadOnly("BTT flog");
  }

  @Test
  void aMapEntryOutOfRangeMakesTheArenaReadOnly() {
    format(medium).write(1, block(1));
    bytes.putInt(ARENA_SIZE - 3 * 4096 + 8, 0xC000_0000 | 60);
    BttStore store = assertReadOnly("BTT map entry");
    assertThrows(HeapCorruptedException.class, () -> read(store, 2));
  }

  @Test
  void aBlockWithTwoOwnersMakesTheArenaReadOnly() {
    format(medium).write(1, block(1));
    bytes.putInt(ARENA_SIZE - 3 * 4096 + 8, 0xC000_0000 | 56);
    assertReadOnly("BTT map entry");
  }

  private BttStore assertReadOnly(String structure) {
    byte[] before = content(bytes);
    BttStore store = open(medium);
    assertTrue(store.isReadOnly());
    assertEquals(structure, store.damage().getFirst().structure());
    assertArrayEquals(block(1), read(store, 1));
    assertThrows(BttReadOnlyException.class, () -> store.write(3, block(3)));
    assertThrows(BttReadOnlyException.class, () -> store.setZero(3));
    byte[] after = content(bytes);
    InfoBlocks blocks = new InfoBlocks(bytes);
    for (long info : new long[] {0, ARENA_SIZE - 4096}) {
      ArenaInfo found = Objects.requireNonNull(blocks.read(info));
      assertTrue(found.hasErrorFlag(), "the medium says so too");
      System.arraycopy(before, (int) info, after, (int) info, 4096);
    }
    assertArrayEquals(before, after, "nothing else was changed");
    assertEquals(structure, open(medium).damage().getFirst().structure());
    return store;
  }

  @Test
  void theErrorFlagMakesTheArenaReadOnly() {
    format(medium).write(1, block(1));
    InfoBlocks blocks = new InfoBlocks(bytes);
    ArenaInfo info = Objects.requireNonNull(blocks.read(0));
    blocks.write(
        0, new ArenaInfo(info.uuid(), info.parent(), InfoLayout.FLAG_ERROR, 2, 0, info.geometry()));
    BttStore store = open(medium);
    assertTrue(store.isReadOnly());
    assertArrayEquals(block(1), read(store, 1));
    assertThrows(BttReadOnlyException.class, () -> store.write(1, block(2)));
  }

  /** Fails one call of a medium, counted from 0, as a device does whose write-back fails. */
  private static final class Failing extends ForwardingMedium {
    private int callsLeft;

    Failing(Medium inner, int callsLeft) {
      super(inner);
      this.callsLeft = callsLeft;
    }

    private void count() {
      if (callsLeft-- == 0) {
        throw new HeapFailedException("on purpose", null);
      }
    }

    @Override
    public void flush(long offset, long length) {
      count();
      super.flush(offset, length);
    }

    @Override
    public void fence() {
      count();
      super.fence();
    }
  }

  /** What failed once is not tried again: what is durable by then, only an opening can tell. */
  @Test
  void aMediumThatFailsEndsAllStores() {
    int calls = 0;
    for (boolean isDone = false; !isDone; calls++) {
      SimulatedMedium inner = SmallTable.medium(1);
      format(inner).write(1, block(1));
      BttStore store = open(new Failing(inner, calls));
      try {
        store.write(1, block(2));
        isDone = true;
      } catch (HeapFailedException failure) {
        assertEquals("on purpose", failure.getMessage());
        assertThrows(HeapFailedException.class, () -> store.write(2, block(3)));
        assertThrows(HeapFailedException.class, () -> store.setZero(2));
      }
      assertArrayEquals(block(0), read(store, 2));
      BttStore again = open(inner);
      assertFalse(again.isReadOnly(), () -> again.damage().toString());
      byte value = read(again, 1)[0];
      assertTrue(value == 2 || (value == 1 && calls < 7), "the old one");
      assertArrayEquals(block(value), read(again, 1));
      again.write(1, block(4));
      assertArrayEquals(block(4), read(open(inner), 1));
    }
    assertEquals(8, calls, "four flushes, three fences, and once around");
  }

  @Test
  void slotsOfOldKernelsAreUnderstood() {
    BttStore store = format(medium);
    store.write(1, block(1));
    long flog = ARENA_SIZE - 2 * 4096;
    bytes.copy(flog + 16, flog + 32, 16);
    bytes.fill(flog + 16, 16, (byte) 0);
    BttStore old = open(medium);
    for (int i = 0; i < 5; i++) {
      old.write(1, block(i));
    }
    assertTrue(bytes.isZero(flog + 16, 16));
    assertFalse(open(medium).isReadOnly());
    assertArrayEquals(block(4), read(open(medium), 1));
  }

  @Test
  void readersNeverSeeHalfABlock() throws InterruptedException {
    BttStore store = format(medium);
    store.write(0, block(0));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      int number = t;
      threads[t] =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 2000; i++) {
                    if (number < 2) {
                      store.write(0, block(i * 2 + number));
                    } else {
                      byte[] content = read(store, 0);
                      assertArrayEquals(block(content[0]), content);
                    }
                  }
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
    assertFalse(open(medium).isReadOnly());
  }

  private static byte[] content(MediumAccessor from) {
    byte[] content = new byte[(int) from.size()];
    from.get(0, content, 0, content.length);
    return content;
  }
}
