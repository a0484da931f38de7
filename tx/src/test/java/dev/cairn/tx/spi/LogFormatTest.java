package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.heap.spi.MediumAccessor;
import org.junit.jupiter.api.Test;

/** The log on the medium, in literal numbers: a change here is a change of the format. */
class LogFormatTest {

  @Test
  void lanesLieWhereTheFormatSays() {
    assertEquals(65_536, LaneLayout.offset(0));
    assertEquals(73_728, LaneLayout.offset(1));
    assertEquals(581_632, LaneLayout.offset(63));
    assertEquals(0, LaneLayout.GENERATION);
    assertEquals(64, LaneLayout.LOG);
  }

  @Test
  void entriesAreKindAndOffset() {
    assertEquals(0x0100_0000_0000_2000L, LogFormat.entry(LogFormat.WORD, 0x2000));
    assertEquals(0x0200_0000_0000_2000L, LogFormat.entry(LogFormat.SET, 0x2000));
    assertEquals(0x0300_0000_0000_2000L, LogFormat.entry(LogFormat.CLEAR, 0x2000));
    assertEquals(0x0400_0000_0000_2000L, LogFormat.entry(LogFormat.RANGE, 0x2000));
    assertEquals(0x05FF_FFFF_FFFF_FFF8L, LogFormat.entry(LogFormat.LINK, 0xFF_FFFF_FFFF_FFF8L));
    assertEquals(5, LogFormat.kind(0x05FF_FFFF_FFFF_FFF8L));
    assertEquals(0xFF_FFFF_FFFF_FFF8L, LogFormat.offset(0x05FF_FFFF_FFFF_FFF8L));
    assertEquals(0x0000_0003_0000_0020L, LogFormat.lengthAndSequence(32, 3));
  }

  /** Lane 5 in generation 0 and era 1, the first after creation. */
  @Test
  void aTransactionWritesTheseBytes() throws InterruptedException {
    try (TestHeap heap = TestHeap.create()) {
      heap.preset(0, 0x0123_4567_89AB_CDEFL);
      heap.preset(2, 8);
      heap.preset(3, 0x11);
      heap.preset(4, 7);
      MediumAccessor accessor = heap.file.protocolAccessor();
      accessor.putWord(0x1000C8, 0x22);
      beTheSixthThreadOf(heap);
      Transaction transaction = heap.transactions.enter();
      assertEquals(5, transaction.lane());
      transaction.declareWord(0x100000);
      transaction.declareAllocated(0x100040, 4, word(100));
      transaction.declareFreed(0x100080, 8, word(101));
      transaction.declareRange(0x1000C0, 16);
      transaction.seal();
      transaction.declareWord(0x100100);
      transaction.seal();

      long[] expected = {
        0x20C1_744A_BE70_2743L, // offset 0x1A040
        0x0000_0000_0000_0060L,
        0x0100_0000_0010_0000L,
        0x0123_4567_89AB_CDEFL,
        0x0200_0000_0010_0040L,
        4,
        0x0300_0000_0010_0080L,
        8,
        0x0400_0000_0010_00C0L,
        16,
        0x11,
        0x22,
        0xA8D4_76AB_139C_162CL, // offset 0x1A0A0
        0x0000_0001_0000_0020L,
        0x0100_0000_0010_0100L,
        7,
        0,
      };
      assertEquals(1, accessor.getWord(8256), "era");
      assertEquals(0, accessor.getWord(0x1A000), "generation");
      for (int i = 1; i < 8; i++) {
        assertEquals(0, accessor.getWord(0x1A000 + 8L * i), "reserved");
      }
      for (int i = 0; i < expected.length; i++) {
        long at = 0x1A040 + 8L * i;
        assertEquals(
            Long.toHexString(expected[i]), Long.toHexString(accessor.getWord(at)), "word " + i);
      }

      for (long at : new long[] {0x100000, 0x1000C0, 0x100100}) {
        transaction.putWord(at, 1);
      }
      transaction.exit();
      assertEquals(1, accessor.getWord(0x1A000), "generation");
      assertEquals(4, accessor.getWord(0x100040), "set");
      assertEquals(0, accessor.getWord(0x100080), "cleared");
    }
  }

  @Test
  void aLongLogGoesOnBehindALinkRecord() throws InterruptedException {
    try (TestHeap heap = TestHeap.create()) {
      MediumAccessor accessor = heap.file.accessor();
      beTheSixthThreadOf(heap);
      Transaction transaction = heap.transactions.enter();
      transaction.declareUnwritten(0x100000, 8192);
      transaction.seal();
      // The lane has 8128 bytes of log; 32 of them are for the link, 16 + 16 lead the range.
      assertEquals(0x1FA0, accessor.getWord(0x1A048), "length of the first record");
      assertEquals(0x0400_0000_0010_0000L, accessor.getWord(0x1A050));
      assertEquals(8064, accessor.getWord(0x1A058), "the piece of the range in the lane");
      assertEquals(0x0000_0001_0000_0020L, accessor.getWord(0x1BFE8), "the link record");
      assertEquals(0x0500_0000_0014_0000L, accessor.getWord(0x1BFF0), "the next extent");
      assertEquals(16_384, accessor.getWord(0x1BFF8), "its length");
      assertEquals(0x0000_0002_0000_00A0L, accessor.getWord(0x140008), "the third record");
      assertEquals(0x0400_0000_0010_1F80L, accessor.getWord(0x140010));
      assertEquals(128, accessor.getWord(0x140018));
      transaction.exit();
    }
  }

  /** Threads take lanes in the order of their arrival. */
  private static void beTheSixthThreadOf(TestHeap heap) throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      Thread earlier = new Thread(heap.file::threadNumber);
      earlier.start();
      earlier.join();
    }
  }

  @Test
  void anyWrongWordBreaksTheChecksum() {
    long seed = LogFormat.seed(5, 1, 7);
    long right = LogFormat.mix(LogFormat.mix(seed, 1), 2);
    for (int bit = 0; bit < 64; bit++) {
      long wrong = LogFormat.mix(LogFormat.mix(seed, 1 ^ (1L << bit)), 2);
      assertEquals(false, right == wrong, "bit " + bit);
      assertEquals(false, right == LogFormat.mix(LogFormat.mix(seed, 1), 2 ^ (1L << bit)));
    }
    assertEquals(false, LogFormat.seed(5, 1, 7) == LogFormat.seed(5, 2, 7));
    assertEquals(false, LogFormat.seed(5, 1, 7) == LogFormat.seed(6, 1, 7));
    assertEquals(false, LogFormat.seed(5, 1, 7) == LogFormat.seed(5, 1, 8));
  }

  @Test
  void anOffsetMustFit56Bits() {
    assertThrows(AssertionError.class, () -> LogFormat.entry(LogFormat.WORD, 1L << 56));
  }
}
