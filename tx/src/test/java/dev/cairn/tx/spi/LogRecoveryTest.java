package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recovery of what crashes and damage leave in lanes. */
class LogRecoveryTest {
  private SimulatedMedium medium;
  private TestHeap heap;

  @BeforeEach
  void create() {
    medium = SimulatedMedium.create(TestHeap.SIZE, TestHeap.SIZE);
    heap = TestHeap.create(medium);
    heap.preset(0, 100);
    heap.preset(1, 101);
  }

  private TestHeap afterCrash() {
    return TestHeap.open(SimulatedMedium.of(medium.newestImage()));
  }

  @Test
  void everyOpenTransactionIsUndone() throws Exception {
    set(heap.transactions.enter(), 1, 0);
    Thread other = new Thread(() -> set(heap.transactions.enter(), 2, 1));
    other.start();
    other.join();
    try (TestHeap recovered = afterCrash()) {
      assertTrue(recovered.transactions.recovered());
      assertEquals(100, recovered.get(0));
      assertEquals(101, recovered.get(1));
    }
  }

  @Test
  void aCleanHeapHasNothingToRecover() {
    set(heap.transactions.enter(), 1, 0);
    heap.current().exit();
    try (TestHeap recovered = afterCrash()) {
      assertFalse(recovered.transactions.recovered());
      assertEquals(1, recovered.get(0));
    }
  }

  @Test
  void recoveryRaisesTheEra() {
    try (TestHeap recovered = afterCrash()) {
      assertEquals(2, recovered.file.accessor().getWord(HeapLayout.ERA_OFFSET));
    }
  }

  @Test
  void aRecordWithAnyFlippedBitIsVoid() {
    set(heap.transactions.enter(), 1, 0);
    MediumAccessor accessor = heap.file.protocolAccessor();
    int lane = heap.current().lane();
    long record = LaneLayout.offset(lane) + LaneLayout.LOG;
    for (int at = 0; at < 32; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte before = accessor.getByte(record + at);
        accessor.putByte(record + at, (byte) (before ^ (1 << bit)));
        LogRollback rollback = new LogRollback(accessor, new LineSet());
        assertFalse(rollback.run(lane, 0), "byte " + at + " bit " + bit);
        assertEquals(1, heap.get(0));
        accessor.putByte(record + at, before);
      }
    }
    assertTrue(new LogRollback(accessor, new LineSet()).run(lane, 0));
    assertEquals(100, heap.get(0));
  }

  /** Writes a record with a right checksum and whatever content into lane 5. */
  private void forge(int sequence, long position, long... words) {
    forgeIn(5, sequence, position, words);
  }

  private void forgeIn(int lane, int sequence, long position, long... words) {
    MediumAccessor accessor = heap.file.protocolAccessor();
    long hash =
        LogFormat.seed(
            lane,
            accessor.getWord(LaneLayout.offset(lane)),
            accessor.getWord(HeapLayout.ERA_OFFSET));
    for (int i = 0; i < words.length; i++) {
      accessor.putWord(position + 16 + 8L * i, words[i]);
      hash = LogFormat.mix(hash, words[i]);
    }
    long word = LogFormat.lengthAndSequence(16 + 8L * words.length, sequence);
    accessor.putWord(position + 8, word);
    accessor.putWord(position, LogFormat.mix(hash, word));
  }

  private void assertCorrupted(long... words) {
    long log = LaneLayout.offset(5) + LaneLayout.LOG;
    forge(0, log, words);
    assertEntryRefused(log + 16);
  }

  private void assertEntryRefused(long entry) {
    MediumAccessor accessor = heap.file.protocolAccessor();
    HeapCorruptedException thrown =
        assertThrows(HeapCorruptedException.class, () -> LogRecovery.read(accessor).run());
    assertEquals("undo log entry", thrown.structure());
    assertEquals(entry, thrown.offset(), thrown::getMessage);
    assertEquals(100, heap.get(0));
    assertEquals(0, accessor.getWord(LaneLayout.offset(5)), "generation");
    assertEquals(1, accessor.getWord(HeapLayout.ERA_OFFSET), "era");
  }

  @Test
  void wildEntriesAreRefused() {
    long size = TestHeap.SIZE;
    assertCorrupted(LogFormat.entry(0, word(0)), 1);
    assertCorrupted(LogFormat.entry(6, word(0)), 1);
    assertCorrupted(LogFormat.entry(255, word(0)), 1);
    assertCorrupted(LogFormat.entry(LogFormat.WORD, size), 1);
    assertCorrupted(LogFormat.entry(LogFormat.WORD, word(0) + 4), 1);
    assertCorrupted(LogFormat.entry(LogFormat.WORD, (1L << 56) - 8), 1);
    assertCorrupted(LogFormat.entry(LogFormat.SET, 0), 1);
    assertCorrupted(LogFormat.entry(LogFormat.RANGE, size - 8), 16, 1, 2);
    assertCorrupted(LogFormat.entry(LogFormat.RANGE, word(0)), 0);
    assertCorrupted(LogFormat.entry(LogFormat.RANGE, word(0)), -8);
    assertCorrupted(LogFormat.entry(LogFormat.RANGE, word(0)), 12, 1, 2);
    assertCorrupted(LogFormat.entry(LogFormat.LINK, size), 64);
    assertCorrupted(LogFormat.entry(LogFormat.LINK, word(0)), Long.MAX_VALUE);
    assertCorrupted(LogFormat.entry(LogFormat.LINK, word(0)), 64, 0);
  }

  /** A long range at the end of a record was met with an access beyond the heap. */
  @Test
  void aRangeBeyondItsRecordIsRefused() {
    assertCorrupted(LogFormat.entry(LogFormat.RANGE, word(0)), TestHeap.SIZE - word(0));
    assertCorrupted(LogFormat.entry(LogFormat.RANGE, word(0)), 16, 1);
  }

  /** An undo log that restores itself: what was checked could be gone when it was applied. */
  @Test
  void targetsInsideLanesAreRefused() {
    assertCorrupted(LogFormat.entry(LogFormat.WORD, LaneLayout.offset(5)), 1);
    assertCorrupted(LogFormat.entry(LogFormat.RANGE, HeapLayout.ROOT_OFFSET), 72, 1, 2, 3);
  }

  @Test
  void halfAnEntryIsRefused() {
    long log = LaneLayout.offset(5) + LaneLayout.LOG;
    forge(0, log, LogFormat.entry(LogFormat.WORD, word(0)), 7, 1);
    assertEntryRefused(log + 32);
  }

  @Test
  void halfAnEntryAtTheEndOfTheHeapIsRefused() {
    long log = LaneLayout.offset(5) + LaneLayout.LOG;
    long extent = TestHeap.SIZE - 40;
    forge(0, log, LogFormat.entry(LogFormat.LINK, extent), 40);
    forge(1, extent, LogFormat.entry(LogFormat.WORD, word(0)), 7, 1);
    assertEntryRefused(TestHeap.SIZE - 8);
  }

  /**
   * A log could lead back into the old bytes that one of its own records holds, and find records
   * there, each within the one before: to read them all took a time that grew with the square of
   * their length.
   */
  @Test
  void logsThatLeadBackToThemselvesAreRefused() {
    long log = LaneLayout.offset(5) + LaneLayout.LOG;
    long extent = word(100);
    forge(0, log, LogFormat.entry(LogFormat.LINK, extent), 64);
    forge(1, extent, LogFormat.entry(LogFormat.LINK, extent), 64);
    assertEntryRefused(extent + 16);
  }

  /**
   * A log whose entries restored over its own extents passed: what had been checked was not what
   * was undone then.
   */
  @Test
  void logsThatRestoreOverTheirOwnExtentsAreRefused() {
    long log = LaneLayout.offset(5) + LaneLayout.LOG;
    long extent = word(100);
    forge(0, log, LogFormat.entry(LogFormat.LINK, extent), 64);
    forge(1, extent, LogFormat.entry(LogFormat.WORD, extent + 16), 7);
    assertEntryRefused(extent + 16);
  }

  /** The same over the extent of another lane, which is undone later. */
  @Test
  void logsThatRestoreOverTheExtentsOfOthersAreRefused() {
    long log = LaneLayout.offset(5) + LaneLayout.LOG;
    long extent = word(100);
    forge(0, log, LogFormat.entry(LogFormat.LINK, extent), 64);
    forge(1, extent, LogFormat.entry(LogFormat.WORD, word(0)), 7);
    long other = LaneLayout.offset(9) + LaneLayout.LOG;
    forgeIn(9, 0, other, LogFormat.entry(LogFormat.RANGE, extent - 8), 16, 1, 2);
    assertEntryRefused(other + 16);
  }

  @Test
  void theRootWordCanBeRestored() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareWord(HeapLayout.ROOT_OFFSET);
    transaction.seal();
    transaction.putWord(HeapLayout.ROOT_OFFSET, 4711);
    try (TestHeap recovered = afterCrash()) {
      assertEquals(0, recovered.file.accessor().getWord(HeapLayout.ROOT_OFFSET));
    }
  }
}
