package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.ForgedRecord.CLEAR;
import static dev.cairn.tx.spi.ForgedRecord.CONTENT;
import static dev.cairn.tx.spi.ForgedRecord.MARK;
import static dev.cairn.tx.spi.ForgedRecord.SET;
import static dev.cairn.tx.spi.ForgedRecord.WORD;
import static dev.cairn.tx.spi.ForgedRecord.WORDS;
import static dev.cairn.tx.spi.ForgedRecord.checksum;
import static dev.cairn.tx.spi.ForgedRecord.entry;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Recovery of what crashes, damage and strangers leave in publish slots. A record that is not
 * believed is as good as none; one that is believed and makes no sense is refused, and nothing is
 * changed.
 */
class PublishRecoveryTest {
  private static final int LANE = 5;
  private static final long SIZE = TestHeap.SIZE;

  /** Where words with a meaning lie: {@code word(0)} is 100 before, {@code word(20)} a mark. */
  private static final int MARK_WORD = 20;

  private static final long CONTENT_OFFSET = word(50);

  private SimulatedMedium medium;
  private TestHeap heap;
  private MediumAccessor accessor;

  @BeforeEach
  void create() {
    medium = SimulatedMedium.create(SIZE, SIZE);
    heap = TestHeap.create(medium);
    accessor = heap.file.protocolAccessor();
    heap.preset(0, 100);
    heap.preset(1, 101);
  }

  // Forging.

  /** Writes a record of this era that vouches for nothing into a slot. */
  private void forge(int lane, int slot, long sequence, long... entries) {
    ForgedRecord.put(
        accessor, lane, slot, ForgedRecord.record(lane, slot, 1, sequence, 0, entries));
  }

  private void forge(long... entries) {
    forge(LANE, 0, 1, entries);
  }

  /** Writes a record that sets the first word to 1, and vouches for contents with some sum. */
  private void forgeWithContent(long offset, long length, long sum) {
    ForgedRecord.put(
        accessor,
        LANE,
        0,
        ForgedRecord.record(
            LANE, 0, 1, 1, sum, entry(WORD, word(0)), 1, entry(CONTENT, offset), length));
  }

  /** Moves what was forged to another slot. */
  private void move(int lane, int slot, int newLane, int newSlot) {
    for (long at = 0; at < HeapLayout.SLOT_SIZE; at += Long.BYTES) {
      long from = ForgedRecord.slot(lane, slot) + at;
      accessor.putWord(ForgedRecord.slot(newLane, newSlot) + at, accessor.getWord(from));
      accessor.putWord(from, 0);
    }
  }

  // What becomes of it.

  private TestHeap afterCrash() {
    return TestHeap.open(SimulatedMedium.of(medium.newestImage()));
  }

  /** What was forged is no record, and no harm: the heap opens as if it were not there. */
  private void assertNotBelieved(String what) {
    try (TestHeap recovered = afterCrash()) {
      assertFalse(recovered.transactions.recovered(), what);
      assertEquals(100, recovered.get(0), what);
    }
  }

  private void assertReplayed(int index, long expected) {
    try (TestHeap recovered = afterCrash()) {
      assertTrue(recovered.transactions.recovered());
      assertEquals(expected, recovered.get(index));
    }
  }

  /** What was forged is refused, at a place in the record of the lane's first slot. */
  private void assertRefused(long place) {
    HeapCorruptedException thrown =
        assertThrows(HeapCorruptedException.class, () -> LogRecovery.read(accessor).run());
    assertEquals("publish record", thrown.structure());
    assertEquals(ForgedRecord.slot(LANE, 0) + place, thrown.offset(), thrown::getMessage);
    assertEquals(100, heap.get(0));
    assertEquals(1, accessor.getWord(HeapLayout.ERA_OFFSET), "era");
  }

  /** The second entry is wrong: the first one, which is right, is not stored either. */
  private void assertEntryRefused(long wrong, long operand) {
    forge(entry(WORD, word(0)), 1, wrong, operand);
    assertRefused(24 + 16);
  }

  @Test
  void aRecordIsReplayed() {
    forge(entry(WORD, word(0)), 1);
    assertReplayed(0, 1);
  }

  // Length.

  @Test
  void aRecordWithoutEntriesIsNotBelieved() {
    forge();
    assertNotBelieved("24 bytes");
  }

  @Test
  void aRecordThatIsNoWholeHeaderIsNotBelieved() {
    for (long length : new long[] {0, 8, 16}) {
      long[] covered = length < 16 ? new long[0] : new long[] {1};
      long[] record = ForgedRecord.sealed(LANE, 0, 1, 0, covered);
      ForgedRecord.put(accessor, LANE, 0, record[0], 1, length);
      assertNotBelieved(length + " bytes");
    }
  }

  @Test
  void lengthsBelowZeroAreNotBelieved() {
    for (long length : new long[] {-8, -16, Long.MIN_VALUE, -1}) {
      long[] record = ForgedRecord.sealed(LANE, 0, 1, 0, 1, length);
      ForgedRecord.put(accessor, LANE, 0, record);
      assertNotBelieved(length + " bytes");
    }
  }

  @Test
  void halfAnEntryIsNotBelieved() {
    forge(entry(WORD, word(0)), 1, entry(WORD, word(1)));
    assertNotBelieved("48 bytes");
  }

  @Test
  void aRecordFillsItsSlotAtMost() {
    long[] entries = new long[2 * 222];
    for (int i = 0; i < entries.length; i += 2) {
      entries[i] = entry(WORD, word(i / 2));
      entries[i + 1] = 1;
    }
    forge(entries);
    assertReplayed(221, 1);
    long[] more = Arrays.copyOf(entries, entries.length + 2);
    more[entries.length] = entry(WORD, word(0));
    more[entries.length + 1] = 2;
    forge(more);
    assertNotBelieved("into the next slot");
  }

  // Checksum.

  @Test
  void aRecordOfAnotherLaneIsNotBelieved() {
    forge(LANE, 0, 1, entry(WORD, word(0)), 1);
    move(LANE, 0, LANE + 1, 0);
    assertNotBelieved("another lane's");
  }

  @Test
  void theRecordOfTheLanesOtherSlotIsNotBelieved() {
    forge(LANE, 0, 1, entry(WORD, word(0)), 1);
    move(LANE, 0, LANE, 1);
    assertNotBelieved("slot 0's in slot 1");
    forge(LANE, 1, 1, entry(WORD, word(0)), 1);
    move(LANE, 1, LANE, 0);
    assertNotBelieved("slot 1's in slot 0");
  }

  @Test
  void aRecordOfAnotherEraIsNotBelieved() {
    for (long era : new long[] {0, 2, -1}) {
      ForgedRecord.put(
          accessor, LANE, 0, ForgedRecord.record(LANE, 0, era, 1, 0, entry(WORD, word(0)), 1));
      assertNotBelieved("era " + era);
    }
  }

  @Test
  void aRecordWithAnotherSequenceIsNotBelieved() {
    forge(LANE, 0, 7, entry(WORD, word(0)), 1);
    accessor.putWord(ForgedRecord.slot(LANE, 0) + 8, 8);
    assertNotBelieved("sequence");
  }

  @Test
  void aRecordWithAnotherEntryIsNotBelieved() {
    forge(entry(WORD, word(0)), 1, entry(WORD, word(1)), 2);
    accessor.putWord(ForgedRecord.slot(LANE, 0) + 24 + 24, 3);
    assertNotBelieved("operand");
  }

  // Contents.

  @Test
  void aRecordWithItsContentIsReplayed() {
    accessor.putWord(CONTENT_OFFSET, 7);
    accessor.putWord(CONTENT_OFFSET + 8, 8);
    forgeWithContent(CONTENT_OFFSET, 16, checksum(0, 7, 8));
    assertReplayed(0, 1);
    try (TestHeap recovered = afterCrash()) {
      assertEquals(7, recovered.file.accessor().getWord(CONTENT_OFFSET));
    }
  }

  @Test
  void aRecordWhoseContentIsNotThereIsNotBelieved() {
    accessor.putWord(CONTENT_OFFSET, 7);
    forgeWithContent(CONTENT_OFFSET, 16, checksum(0, 7, 8));
    assertNotBelieved("torn content");
  }

  @Test
  void contentThatBeginsBeforeTheZonesIsNotBelieved() {
    forgeWithContent(HeapLayout.ROOT_OFFSET, 8, checksum(0, 0));
    assertNotBelieved("root line");
    forgeWithContent(HeapLayout.ZONES_OFFSET - 8, 8, checksum(0, 0));
    assertNotBelieved("before the zones");
  }

  @Test
  void contentOfHalfWordsIsNotBelieved() {
    forgeWithContent(CONTENT_OFFSET + 4, 8, checksum(0, 0));
    assertNotBelieved("offset");
    forgeWithContent(CONTENT_OFFSET, 12, checksum(0, 0, 0));
    assertNotBelieved("length");
  }

  @Test
  void contentOfNoBytesIsNotBelieved() {
    for (long length : new long[] {0, -8, Long.MIN_VALUE}) {
      forgeWithContent(CONTENT_OFFSET, length, checksum(0));
      assertNotBelieved(length + " bytes");
    }
  }

  @Test
  void contentBeyondTheHeapIsNotBelieved() {
    forgeWithContent(SIZE - 8, 8, checksum(0, 0));
    assertReplayed(0, 1);
    forgeWithContent(SIZE - 8, 16, checksum(0, 0, 0));
    assertNotBelieved("its end");
    forgeWithContent(SIZE, 8, checksum(0, 0));
    assertNotBelieved("its beginning");
    forgeWithContent(CONTENT_OFFSET, Long.MAX_VALUE - 7, checksum(0));
    assertNotBelieved("a length that overflows");
  }

  /** No record vouches for more; for a torn one, not the whole heap should be read. */
  @Test
  void moreContentThanARecordCanHaveIsNotBelieved() {
    forgeWithContent(CONTENT_OFFSET, 4096, checksum(0, new long[512]));
    assertReplayed(0, 1);
    forgeWithContent(CONTENT_OFFSET, 4104, checksum(0, new long[513]));
    assertNotBelieved("more than 4 KiB");
  }

  // Records that are believed, and make no sense.

  @Test
  void unknownKindsAreRefused() {
    for (int kind : new int[] {0, LogFormat.RANGE, LogFormat.LINK, 9, 255}) {
      assertEntryRefused(entry(kind, word(1)), 8);
    }
  }

  @Test
  void targetsOutsideTheZonesAreRefused() {
    for (int kind : new int[] {WORD, SET, CLEAR, MARK}) {
      assertEntryRefused(entry(kind, 0), 1);
      assertEntryRefused(entry(kind, HeapLayout.ROOT_OFFSET), 1);
      assertEntryRefused(entry(kind, HeapLayout.ERA_OFFSET), 1);
      assertEntryRefused(entry(kind, LaneLayout.offset(LANE)), 1);
      assertEntryRefused(entry(kind, HeapLayout.ZONES_OFFSET - 8), 1);
      assertEntryRefused(entry(kind, SIZE), 1);
      assertEntryRefused(entry(kind, (1L << 56) - 8), 1);
    }
  }

  @Test
  void targetsThatAreNoWholeWordsAreRefused() {
    for (int kind : new int[] {WORD, SET, CLEAR, MARK}) {
      assertEntryRefused(entry(kind, word(1) + 4), 1);
      assertEntryRefused(entry(kind, SIZE - 4), 1);
    }
  }

  @Test
  void sequencesOfNothingAreRefused() {
    for (long sequence : new long[] {0, -1, Long.MIN_VALUE}) {
      forge(LANE, 0, sequence, entry(WORD, word(0)), 1);
      assertRefused(8);
    }
  }

  /** A wild entry behind a mark that says the record is dead: nobody would have used it. */
  @Test
  void deadRecordsAreCheckedAsWell() {
    heap.preset(MARK_WORD, ForgedRecord.mark(9));
    forge(LANE, 0, 9, entry(MARK, word(MARK_WORD)), 8, entry(WORD, SIZE), 1);
    assertRefused(24 + 16);
  }

  /** What one lane is about to undo is read from there, and again if recovery is cut short. */
  @Test
  void targetsInsideTheLogsOfOthersAreRefused() {
    long extent = word(100);
    forgeLogExtent(extent, 64);
    for (int kind : new int[] {WORD, SET, CLEAR, MARK}) {
      assertEntryRefused(entry(kind, extent), 1);
      assertEntryRefused(entry(kind, extent + 56), 1);
    }
    forge(entry(WORD, extent - 8), 1, entry(WORD, extent + 64), 2);
    assertReplayed(99, 0);
    try (TestHeap recovered = afterCrash()) {
      assertEquals(1, recovered.file.accessor().getWord(extent - 8));
      assertEquals(2, recovered.file.accessor().getWord(extent + 64));
    }
  }

  /** Contents are read and not stored to. */
  @Test
  void contentMayLieWhereALogGoesOn() {
    long extent = word(100);
    forgeLogExtent(extent, 64);
    forgeWithContent(extent, 8, checksum(0, accessor.getWord(extent)));
    assertReplayed(0, 1);
  }

  /** Writes a log of lane 9 that goes on elsewhere. */
  private void forgeLogExtent(long extent, long length) {
    long log = LaneLayout.offset(9) + LaneLayout.LOG;
    long link = LogFormat.entry(LogFormat.LINK, extent);
    long header = LogFormat.lengthAndSequence(32, 0);
    long hash = LogFormat.seed(9, 0, 1);
    for (long w : new long[] {link, length, header}) {
      hash = LogFormat.mix(hash, w);
    }
    accessor.putWord(log, hash);
    accessor.putWord(log + 8, header);
    accessor.putWord(log + 16, link);
    accessor.putWord(log + 24, length);
  }

  // Words one behind the other.

  @Test
  void wordsAreReplayed() {
    forge(entry(WORDS, word(0)), 3, 7, 8, 9, entry(WORD, word(1)), 1);
    try (TestHeap recovered = afterCrash()) {
      assertEquals(7, recovered.get(0));
      assertEquals(8, recovered.file.accessor().getWord(word(0) + 8));
      assertEquals(9, recovered.file.accessor().getWord(word(0) + 16));
      assertEquals(0, recovered.file.accessor().getWord(word(0) + 24));
      assertEquals(1, recovered.get(1));
    }
  }

  @Test
  void wordsThatDoNotFitTheRecordAreNotBelieved() {
    for (long count : new long[] {0, -1, 3, 4, 448, Long.MAX_VALUE, Long.MIN_VALUE}) {
      forge(entry(WORD, word(0)), 1, entry(WORDS, word(1)), count, 7, 8);
      assertNotBelieved(count + " words");
    }
    forge(entry(WORD, word(0)), 1, entry(WORDS, word(1)), 1, 7, 8);
    assertNotBelieved("half an entry behind them");
  }

  @Test
  void wordsOutsideTheZonesAreRefused() {
    for (long offset : new long[] {0, HeapLayout.ZONES_OFFSET - 8, SIZE - 8, word(1) + 4}) {
      forge(entry(WORD, word(0)), 1, entry(WORDS, offset), 2, 7, 8);
      assertRefused(24 + 16);
    }
  }

  @Test
  void wordsInsideTheLogsOfOthersAreRefused() {
    long extent = word(100);
    forgeLogExtent(extent, 64);
    forge(entry(WORD, word(0)), 1, entry(WORDS, extent - 8), 2, 7, 8);
    assertRefused(24 + 16);
  }

  /** A recovery that was cut short has confirmed the record, and changed what it vouches for. */
  @Test
  void aConfirmedRecordIsReplayedWhateverItsContents() {
    forgeWithContent(CONTENT_OFFSET, 8, 0x9FB21C651E98DF25L);
    assertReplayed(0, 1);
    forgeWithContent(CONTENT_OFFSET, 8, 0x9FB21C651E98DF24L);
    assertNotBelieved("another sum");
  }

  // Marks.

  @Test
  void aMarkWithAWrongCheckIsRefused() {
    forge(LANE, 0, 7, entry(WORD, word(0)), 1, entry(MARK, word(MARK_WORD)), 3);
    for (long mark : new long[] {7, ForgedRecord.mark(7) ^ 1, ForgedRecord.mark(3) | 1L << 63}) {
      heap.preset(MARK_WORD, mark);
      HeapCorruptedException thrown =
          assertThrows(HeapCorruptedException.class, () -> LogRecovery.read(accessor));
      assertEquals("mark", thrown.structure());
      assertEquals(word(MARK_WORD), thrown.offset());
    }
  }

  @Test
  void aRecordWhoseMarkSaysItIsDeadIsNotReplayed() {
    forge(LANE, 0, 7, entry(WORD, word(0)), 1, entry(MARK, word(MARK_WORD)), 3);
    for (long dead : new long[] {7, 8, (1L << 48) - 1}) {
      heap.preset(MARK_WORD, ForgedRecord.mark(dead));
      assertNotBelieved("mark " + dead);
    }
    for (long alive : new long[] {6, 3, 0}) {
      heap.preset(MARK_WORD, ForgedRecord.mark(alive));
      assertReplayed(0, 1);
    }
  }

  @Test
  void oneMarkOfSeveralIsEnough() {
    forge(
        LANE,
        0,
        7,
        entry(MARK, word(MARK_WORD)),
        3,
        entry(MARK, word(MARK_WORD + 1)),
        4,
        entry(MARK, word(MARK_WORD + 2)),
        5,
        entry(WORD, word(0)),
        1);
    for (int i = 0; i < 3; i++) {
      heap.preset(MARK_WORD + i, ForgedRecord.mark(7));
      assertNotBelieved("mark " + i);
      heap.preset(MARK_WORD + i, 0);
    }
    assertReplayed(0, 1);
  }

  @Test
  void marksAreNotStoredByARecovery() {
    forge(LANE, 0, 7, entry(WORD, word(0)), 1, entry(MARK, word(MARK_WORD)), 3);
    assertReplayed(MARK_WORD, 0);
  }

  // Order.

  private void assertLaterOneWins(int firstLane, int firstSlot, int lastLane, int lastSlot) {
    forge(firstLane, firstSlot, 1, entry(WORD, word(0)), 1, entry(SET, word(1)), 0x10);
    forge(lastLane, lastSlot, 2, entry(WORD, word(0)), 2, entry(CLEAR, word(1)), 0x10);
    try (TestHeap recovered = afterCrash()) {
      assertEquals(2, recovered.get(0));
      assertEquals(101 & ~0x10, recovered.get(1));
    }
    move(lastLane, lastSlot, 63, 1); // no record of that slot
    move(firstLane, firstSlot, 63, 1);
  }

  @Test
  void recordsAreReplayedInTheOrderOfTheirSequences() {
    assertLaterOneWins(3, 0, 3, 1);
    assertLaterOneWins(3, 1, 3, 0);
    assertLaterOneWins(3, 0, 4, 0);
    assertLaterOneWins(4, 0, 3, 0);
    assertLaterOneWins(3, 1, 62, 0);
    assertLaterOneWins(62, 1, 3, 1);
  }

  /** Sequences are long numbers, and are compared as such. */
  @Test
  void sequencesBeyondAnIntAreInOrderToo() {
    forge(3, 0, (1L << 40) + 1, entry(WORD, word(0)), 2);
    forge(4, 0, 1L << 40, entry(WORD, word(0)), 1);
    forge(5, 0, 5, entry(WORD, word(0)), 3);
    assertReplayed(0, 2);
  }

  /**
   * Four transactions on a stripe, of three lanes: all that are not dead, and the last one wins.
   */
  @Test
  void severalRecordsOfOneStripe() {
    forgeOfStripe(8, 0, 4, 3);
    forgeOfStripe(2, 1, 3, 2);
    forgeOfStripe(8, 1, 2, 1);
    forgeOfStripe(6, 0, 1, 0);
    for (int mark = 0; mark < 4; mark++) {
      heap.preset(MARK_WORD, ForgedRecord.mark(mark));
      try (TestHeap recovered = afterCrash()) {
        assertEquals(4, recovered.get(0), "the last one");
        for (int sequence = 1; sequence <= 4; sequence++) {
          int expected = sequence > mark ? 1 : 0;
          assertEquals(expected, recovered.get(30 + sequence), "mark " + mark);
        }
      }
    }
    heap.preset(MARK_WORD, ForgedRecord.mark(4));
    assertNotBelieved("all are dead");
  }

  private void forgeOfStripe(int lane, int slot, long sequence, long before) {
    forge(
        lane,
        slot,
        sequence,
        entry(WORD, word(0)),
        sequence,
        entry(WORD, word(30 + (int) sequence)),
        1,
        entry(MARK, word(MARK_WORD)),
        before);
  }

  // What replay stores.

  @Test
  void bitsAreSetAndClearedAndOthersLeftAlone() {
    heap.preset(2, 0xF0F0);
    forge(entry(SET, word(2)), 0x0F, entry(CLEAR, word(2)), 0xF000);
    assertReplayed(2, 0x00FF);
  }

  /** Replayed over what is in place already, a record changes nothing. */
  @Test
  void replayIsIdempotent() {
    heap.preset(2, 0xF0);
    forge(entry(SET, word(2)), 0x1F, entry(CLEAR, word(2)), 0x80, entry(WORD, word(0)), 1);
    for (int i = 0; i < 2; i++) {
      PublishReplay replay = new PublishReplay(accessor);
      replay.collect();
      replay.run(new LineSet());
      assertEquals(0x7F, heap.get(2));
      assertEquals(1, heap.get(0));
    }
  }

  /** The words of an undone transaction, and of one that was published, are two transactions'. */
  @Test
  void undoLogsAreUndoneBeforeRecordsAreReplayed() {
    TestHeap.set(heap.transactions.enter(), 9, 1);
    forge(entry(WORD, word(1)), 7);
    assertReplayed(1, 7);
  }

  @Test
  void allIsVoidAfterARecovery() {
    forge(entry(WORD, word(0)), 1);
    SimulatedMedium crashed = SimulatedMedium.of(medium.newestImage());
    try (TestHeap recovered = TestHeap.open(crashed)) {
      assertEquals(2, recovered.file.accessor().getWord(HeapLayout.ERA_OFFSET));
      recovered.preset(0, 55);
      try (TestHeap again = TestHeap.open(SimulatedMedium.of(crashed.newestImage()))) {
        assertFalse(again.transactions.recovered());
        assertEquals(55, again.get(0));
      }
    }
  }
}
