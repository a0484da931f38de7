package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.ForgedRecord.checksum;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.spi.MediumAccessor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publish records on the medium, in literal numbers: a change here is a change of the format. */
class PublishFormatTest {
  /** The first record of lane 5 lies in slot 1, the second in slot 0. */
  private static final long FIRST = 0x99A00;

  private static final long SECOND = 0x98C00;

  /** What the first record is: era 1, the first after creation, and a mark that was 41 before. */
  private static final long[] GOLDEN = {
    0x666D_1416_5EAD_A931L,
    42,
    120,
    0x0100_0000_0010_0000L,
    0x0123_4567_89AB_CDEFL,
    0x0200_0000_0010_0040L,
    4,
    0x0300_0000_0010_0080L,
    8,
    0x0600_0000_0010_0500L,
    41,
    0x0700_0000_0014_0000L,
    40,
    0x0700_0000_0014_0040L,
    16,
  };

  private TestHeap heap;
  private MediumAccessor accessor;

  @BeforeEach
  void create() throws InterruptedException {
    heap = TestHeap.create();
    accessor = heap.file.protocolAccessor();
    heap.preset(2, 8);
    heap.preset(20, ForgedRecord.mark(41));
    for (int i = 0; i < 5; i++) { // threads take lanes in the order of their arrival
      Thread earlier = new Thread(heap.file::threadNumber);
      earlier.start();
      earlier.join();
    }
  }

  /** Publishes an entry of each kind, the contents last. */
  private VersionedLock publish() {
    VersionedLock lock = new VersionedLock(heap.file, 0x100500);
    Transaction transaction = heap.transactions.enter();
    assertEquals(5, transaction.lane());
    transaction.lock(lock);
    transaction.changes(lock);
    transaction.deferWord(0x100000, 0x0123_4567_89AB_CDEFL);
    transaction.declareAllocated(0x100040, 4, word(100));
    transaction.declareFreed(0x100080, 8, word(101));
    putContent(transaction, 0x140000, 37, 0x11, 0x22, 0x33, 0x44, 0x55);
    putContent(transaction, 0x140040, 16, 0x66, 0x77);
    transaction.exit();
    return lock;
  }

  private void putContent(Transaction transaction, long offset, long length, long... words) {
    transaction.constant(offset, length);
    for (int i = 0; i < words.length; i++) {
      heap.file.accessor().putWord(offset + 8L * i, words[i]);
    }
  }

  private void assertBytes(long[] expected, long offset) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * expected.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : expected) {
      bytes.putLong(word);
    }
    byte[] found = new byte[8 * expected.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = accessor.getByte(offset + i);
    }
    assertArrayEquals(bytes.array(), found);
  }

  @Test
  void slotsLieWhereTheFormatSays() {
    assertEquals(589_824, PublishFormat.slot(0, 0));
    assertEquals(593_408, PublishFormat.slot(0, 1));
    assertEquals(596_992, PublishFormat.slot(1, 0));
    assertEquals(SECOND, PublishFormat.slot(5, 0));
    assertEquals(FIRST, PublishFormat.slot(5, 1));
    assertEquals(1_044_992, PublishFormat.slot(63, 1));
    assertEquals(222, PublishFormat.MOST_ENTRIES);
  }

  @Test
  void aTransactionWritesTheseBytes() {
    publish();
    assertBytes(GOLDEN, FIRST);
    assertBytes(new long[448 - GOLDEN.length], FIRST + 120); // what is behind it in the slot
    assertBytes(new long[448], SECOND);
  }

  /** The checksum of the golden record, worked out from the design's words. */
  @Test
  void theChecksumIsWhatTheDesignSays() {
    long contents = checksum(checksum(0, 0x11, 0x22, 0x33, 0x44, 0x55), 0x66, 0x77);
    long[] entries = Arrays.copyOfRange(GOLDEN, 3, GOLDEN.length);
    assertArrayEquals(GOLDEN, ForgedRecord.record(5, 1, 1, 42, contents, entries));
  }

  @Test
  void theNextRecordHasTheOtherSlotAndIsAboveTheOneBefore() {
    VersionedLock lock = publish();
    Transaction transaction = heap.transactions.enter();
    transaction.lock(lock);
    transaction.changes(lock);
    transaction.deferWord(0x100000, 7);
    transaction.exit();
    long[] expected = {
      0x500C_1CCB_A642_F01BL, 43, 56, 0x0100_0000_0010_0000L, 7, 0x0600_0000_0010_0500L, 42,
    };
    assertBytes(expected, SECOND);
    assertBytes(GOLDEN, FIRST);
    assertEquals(0x2A_F519, accessor.getWord(0x100500), "the mark, in place");
    assertEquals(ForgedRecord.mark(42), accessor.getWord(0x100500));
  }

  /** Three words one behind the other share an entry; two do not. */
  @Test
  void wordsOneBehindTheOtherAreOneEntry() {
    VersionedLock lock = new VersionedLock(heap.file, 0x100500);
    Transaction transaction = heap.transactions.enter();
    transaction.lock(lock);
    transaction.changes(lock);
    for (long offset : new long[] {0x100000, 0x100008, 0x100010, 0x100040, 0x100048}) {
      transaction.deferWord(offset, offset / 8);
    }
    transaction.exit();
    long[] expected =
        ForgedRecord.record(
            5,
            1,
            1,
            42,
            0,
            0x0800_0000_0010_0000L,
            3,
            0x20000,
            0x20001,
            0x20002,
            0x0100_0000_0010_0040L,
            0x20008,
            0x0100_0000_0010_0048L,
            0x20009,
            0x0600_0000_0010_0500L,
            41);
    assertBytes(expected, FIRST);
  }

  /** Told before the commit point: behind it, the transaction would be durable. */
  @Test
  void aSequenceThatNoMarkCanHoldIsRefused() {
    heap.preset(20, ForgedRecord.mark((1L << 48) - 1));
    VersionedLock lock = new VersionedLock(heap.file, 0x100500);
    Transaction transaction = heap.transactions.enter();
    transaction.lock(lock);
    transaction.changes(lock);
    transaction.deferWord(0x100000, 7);
    HeapFailedException thrown = assertThrows(HeapFailedException.class, transaction::exit);
    assertTrue(String.valueOf(thrown.getCause()).contains("281,474,976,710,656"), thrown::toString);
    assertBytes(new long[448], FIRST);
    assertEquals(0, accessor.getWord(0x100000));
  }

  /** Confirmed by a recovery, a record is valid whatever becomes of its contents. */
  @Test
  void aConfirmedRecordHasAChecksumWithoutContents() {
    publish();
    PublishReplay replay = new PublishReplay(accessor);
    replay.collect();
    replay.confirm();
    long[] expected = GOLDEN.clone();
    long[] entries = Arrays.copyOfRange(GOLDEN, 3, GOLDEN.length);
    expected[0] = ForgedRecord.record(5, 1, 1, 42, 0x9FB2_1C65_1E98_DF25L, entries)[0];
    assertBytes(expected, FIRST);
    accessor.putWord(0x140000, 0);
    assertTrue(isBelieved());
    assertVoidWithAnyBitFlipped(FIRST, FIRST + 120, "record");
  }

  private boolean isBelieved() {
    PublishReplay replay = new PublishReplay(accessor);
    replay.collect();
    return !replay.isEmpty();
  }

  private void assertVoidWithAnyBitFlipped(long from, long to, String what) {
    for (long at = from; at < to; at += 8) {
      long right = accessor.getWord(at);
      for (int bit = 0; bit < 64; bit++) {
        accessor.putWord(at, right ^ (1L << bit));
        assertFalse(isBelieved(), what + " + " + (at - from) + ", bit " + bit);
      }
      accessor.putWord(at, right);
    }
  }

  /** The length is covered too, and where a wrong one leads is never beyond the slot. */
  @Test
  void aRecordWithAnyFlippedBitOfItsLengthIsVoid() {
    publish();
    assertTrue(isBelieved());
    assertVoidWithAnyBitFlipped(FIRST + 16, FIRST + 24, "length");
    assertTrue(isBelieved());
  }

  @Test
  void aRecordWithAnyFlippedBitIsVoid() {
    publish();
    assertVoidWithAnyBitFlipped(FIRST, FIRST + 120, "record");
    assertVoidWithAnyBitFlipped(0x140000, 0x140000 + 40, "content");
    assertVoidWithAnyBitFlipped(0x140040, 0x140040 + 16, "second content");
    assertTrue(isBelieved());
  }
}
