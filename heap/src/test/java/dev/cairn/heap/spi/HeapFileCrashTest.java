package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Crashes a heap at every store, flush and fence of all that writes superblocks. */
class HeapFileCrashTest {
  private static final int SIZE = 2 << 20;
  private static final int MAXIMUM_SIZE = 4 << 20;
  private static final HeapOptions OPTIONS = HeapOptions.defaults();

  private final AtomicInteger before = new AtomicInteger();
  private final AtomicInteger after = new AtomicInteger();

  @Test
  void creationLeavesTheOldHeapOrNoneOrTheNewOne() {
    byte[] old = closedHeap();
    Arrays.fill(old, 8192, SIZE, (byte) 0x33);
    UUID oldUuid = UUID.randomUUID(); // heaps on observed media would all have the same
    byte[] superblock = Superblock.ofNewHeap(oldUuid, SIZE, MAXIMUM_SIZE).encode();
    System.arraycopy(superblock, 0, old, 0, superblock.length);
    System.arraycopy(superblock, 0, old, 4096, superblock.length);
    AtomicInteger unfinished = new AtomicInteger();
    try (CrashingMedium medium = new CrashingMedium(old, MAXIMUM_SIZE)) {
      medium.onCrash(
          image -> {
            byte[] content = Arrays.copyOfRange(image, 8192, 1_310_720);
            CrashingMedium crashed = new CrashingMedium(image, MAXIMUM_SIZE);
            try (HeapFile heap = HeapFile.open(crashed, OPTIONS)) {
              if (heap.uuid().equals(oldUuid)) {
                assertArrayEquals(Arrays.copyOfRange(old, 8192, 1_310_720), content);
                before.incrementAndGet();
              } else {
                assertArrayEquals(new byte[content.length], content);
                after.incrementAndGet();
              }
            } catch (HeapFormatException e) {
              assertTrue(String.valueOf(e.getMessage()).contains("never finished"));
              unfinished.incrementAndGet();
            } finally {
              crashed.close();
            }
          });
      HeapFile.create(medium, OPTIONS);
      medium.onCrash(null);
      assertSeen(before, after, unfinished);
      UUID uuid = assertOpens(medium.durable(), SIZE, true);
      assertFalse(uuid.equals(oldUuid));
    }
  }

  @Test
  void growthLeavesTheOldSizeOrTheNewOne() throws IOException {
    try (CrashingMedium medium = new CrashingMedium(closedHeap(), MAXIMUM_SIZE)) {
      HeapFile heap = HeapFile.open(medium, OPTIONS);
      heap.markInUse();
      medium.onCrash(
          image -> {
            CrashingMedium crashed = new CrashingMedium(image, MAXIMUM_SIZE);
            try (HeapFile found = HeapFile.open(crashed, OPTIONS)) {
              assertFalse(found.wasClosedCleanly());
              if (found.size() == SIZE) {
                before.incrementAndGet();
                found.grow(MAXIMUM_SIZE);
              } else {
                after.incrementAndGet();
              }
              assertEquals(MAXIMUM_SIZE, found.size());
              assertEquals(0, found.accessor().getWord(MAXIMUM_SIZE - 8));
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      heap.grow(MAXIMUM_SIZE);
      medium.onCrash(null);
      assertSeen(before, after);
      assertOpens(medium.durable(), MAXIMUM_SIZE, false);
    }
  }

  @Test
  void growthThatFailsChangesNothing() throws IOException {
    try (CrashingMedium medium = new CrashingMedium(closedHeap(), MAXIMUM_SIZE)) {
      HeapFile heap = HeapFile.open(medium, OPTIONS);
      heap.markInUse();
      byte[] image = medium.durable();
      medium.failGrowth(new IOException("no space"));
      assertThrows(IOException.class, () -> heap.grow(MAXIMUM_SIZE));
      assertEquals(SIZE, heap.size());
      assertArrayEquals(image, medium.durable());
      heap.checkUsable();
    }
  }

  @Test
  void markAndCloseLeaveOneStateOrTheOther() {
    CrashingMedium medium = new CrashingMedium(closedHeap(), MAXIMUM_SIZE);
    HeapFile heap = HeapFile.open(medium, OPTIONS);
    medium.onCrash(this::countClosed);
    heap.markInUse();
    assertSeen(before, after);
    assertOpens(medium.durable(), SIZE, false);
    before.set(0);
    after.set(0);
    heap.close();
    assertSeen(before, after);
    assertOpens(medium.durable(), SIZE, true);
  }

  @Test
  void repairNeverLosesTheGoodSlot() {
    for (int slot = 0; slot < 2; slot++) {
      byte[] bad = closedHeap();
      Arrays.fill(bad, slot * 4096, (slot + 1) * 4096, (byte) 0x55);
      CrashingMedium medium = new CrashingMedium(bad, MAXIMUM_SIZE);
      after.set(0);
      medium.onCrash(this::countClosed);
      HeapFile.open(medium, OPTIONS).close();
      assertSeen(after);
      byte[] repaired = medium.durable();
      assertArrayEquals(
          Arrays.copyOfRange(repaired, 0, 4096), Arrays.copyOfRange(repaired, 4096, 8192));
    }
  }

  @Test
  void bothSlotsAreAlwaysEquallyNew() throws IOException {
    CrashingMedium medium = new CrashingMedium(closedHeap(), MAXIMUM_SIZE);
    HeapFile heap = HeapFile.open(medium, OPTIONS);
    heap.markInUse();
    assertSlotsEqual(medium);
    heap.grow(MAXIMUM_SIZE);
    assertSlotsEqual(medium);
    heap.close();
    assertSlotsEqual(medium);
  }

  private static void assertSlotsEqual(CrashingMedium medium) {
    byte[] image = medium.durable();
    assertArrayEquals(Arrays.copyOfRange(image, 0, 4096), Arrays.copyOfRange(image, 4096, 8192));
  }

  private void countClosed(byte[] image) {
    CrashingMedium crashed = new CrashingMedium(image, MAXIMUM_SIZE);
    try (HeapFile found = HeapFile.open(crashed, OPTIONS)) {
      assertEquals(SIZE, found.size());
      (found.wasClosedCleanly() ? after : before).incrementAndGet();
    }
  }

  private static UUID assertOpens(byte[] image, long size, boolean closedCleanly) {
    try (HeapFile heap = HeapFile.open(new CrashingMedium(image, MAXIMUM_SIZE), OPTIONS)) {
      assertEquals(size, heap.size());
      assertEquals(closedCleanly, heap.wasClosedCleanly());
      return heap.uuid();
    }
  }

  /** A crash test that never saw one of its outcomes tests less than it says. */
  private static void assertSeen(AtomicInteger... outcomes) {
    for (AtomicInteger outcome : outcomes) {
      assertTrue(outcome.get() > 0);
    }
  }

  private static byte[] closedHeap() {
    CrashingMedium medium = new CrashingMedium(new byte[SIZE], MAXIMUM_SIZE);
    HeapFile.create(medium, OPTIONS).close();
    return medium.durable();
  }
}
