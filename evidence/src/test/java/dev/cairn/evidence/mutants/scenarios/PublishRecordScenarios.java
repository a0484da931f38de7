package dev.cairn.evidence.mutants.scenarios;

import static dev.cairn.evidence.mutants.scenarios.TxHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashImage;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.List;

/**
 * Publish records that no crash leaves: in places that are not theirs, or of someone who knows the
 * format. Checksums are written down again here.
 */
final class PublishRecordScenarios {
  private static final int WORD = 1;
  private static final int MARK = 6;
  private static final int CONTENT = 7;

  /** The first record of the first lane is in its slot 1. */
  private static final long RECORD = slot(0, 1);

  private static final long RECORD_LENGTH = 24 + 4 * 16;
  private static final int BLOCK = 40;
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final long[] CHAINS = {
    0, 0xA0761D6478BD642FL, 0xE7037ED1A0B428DBL, 0x8EBC6AF09C88C6E3L
  };

  private PublishRecordScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.TX, "misplaced publish records", PublishRecordScenarios::misplaced),
        new Scenario(Area.TX, "publish records without sense", PublishRecordScenarios::senseless),
        new Scenario(Area.TX, "a publish record over a log", PublishRecordScenarios::overALog));
  }

  private static long slot(int lane, int slot) {
    return HeapLayout.SLOTS_OFFSET + (2L * lane + slot) * HeapLayout.SLOT_SIZE;
  }

  /** A heap whose one record has a word, a bit, a mark, and a block that it vouches for. */
  private static CrashImage published() {
    try (SimulatedMedium medium = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      TxHeap heap = TxHeap.create(medium);
      VersionedLock lock = new VersionedLock(heap.file, word(20));
      Transaction transaction = heap.transactions.enter();
      transaction.lock(lock);
      transaction.changes(lock);
      transaction.constant(word(BLOCK), Long.BYTES);
      heap.file.accessor().putWord(word(BLOCK), 7);
      transaction.declareAllocated(word(10), 1, word(BLOCK));
      transaction.deferWord(word(0), word(BLOCK));
      transaction.exit();
      return medium.newestImage();
    }
  }

  private static boolean isBelieved(SimulatedMedium medium) {
    Switches.countImage();
    return TxHeap.open(medium).transactions.recovered();
  }

  /** As whole as it was, but in another slot, or of another era. */
  private static void misplaced() {
    CrashImage image = published();
    try (SimulatedMedium inPlace = Scenarios.medium(image)) {
      assertTrue(isBelieved(inPlace), "the record is elsewhere");
    }
    for (long place : new long[] {slot(0, 0), slot(1, 1), slot(63, 1)}) {
      try (SimulatedMedium medium = Scenarios.medium(image)) {
        for (long at = 0; at < RECORD_LENGTH; at += Long.BYTES) {
          medium.putLong(place + at, medium.getLong(RECORD + at));
          medium.putLong(RECORD + at, 0);
        }
        assertFalse(isBelieved(medium), () -> "at " + place);
      }
    }
    try (SimulatedMedium medium = Scenarios.medium(image)) {
      medium.putLong(HeapLayout.ERA_OFFSET, medium.getLong(HeapLayout.ERA_OFFSET) + 1);
      assertFalse(isBelieved(medium), "of another era");
    }
  }

  /** Believed and refused, or not believed: in no case is anything stored. */
  private static void senseless() {
    long wild = TxHeap.SIZE;
    assertRefused(1, WORD, wild);
    assertRefused(1, WORD, HeapLayout.ERA_OFFSET);
    assertRefused(1, WORD, word(1) + 4);
    assertRefused(1, MARK, wild);
    for (int kind : new int[] {0, 4, 5, 9, 255}) {
      assertRefused(1, kind, word(1));
    }
    assertRefused(0, WORD, word(1));
    assertRefused(-1, WORD, word(1));
    for (long content : new long[] {HeapLayout.ROOT_OFFSET, wild}) {
      try (SimulatedMedium medium = Scenarios.medium(published())) {
        medium.putLong(RECORD, 0);
        long sum = content == wild ? 0 : checksum(0, medium.getLong(content));
        forge(medium, 1, sum, entry(CONTENT, content), Long.BYTES);
        assertFalse(isBelieved(medium), "content at " + content);
      }
    }
  }

  /** The first entry is right, and the second is not. */
  private static void assertRefused(long sequence, int kind, long target) {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(published())) {
      medium.putLong(RECORD, 0);
      medium.putLong(word(0), 1);
      forge(medium, sequence, 0, entry(WORD, word(0)), 2, entry(kind, target), 8);
      assertRefused(medium);
      assertEquals(1, medium.getLong(word(0)), "stored");
    }
  }

  private static void assertRefused(SimulatedMedium medium) {
    HeapCorruptedException refused =
        assertThrows(HeapCorruptedException.class, () -> TxHeap.open(medium));
    assertEquals("publish record", refused.structure());
    assertEquals(1, medium.getLong(HeapLayout.ERA_OFFSET), "era");
  }

  /** What undoing reads must be the same if recovery is cut short. */
  private static void overALog() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      TxHeap heap = TxHeap.create(medium);
      Transaction transaction = heap.transactions.enter();
      transaction.declareRange(word(1000), 9000);
      transaction.seal();
      long extent = TxHeap.EXTENTS;
      assertTrue(medium.getLong(extent) != 0, "the log does not go on there");
      forge(medium, 1, 0, entry(WORD, extent + 16), 2);
      assertRefused(medium);
    }
  }

  // Forging.

  private static long entry(int kind, long offset) {
    return (long) kind << 56 | offset;
  }

  /** Writes a record with a right checksum into slot 0 of lane 1. */
  private static void forge(SimulatedMedium medium, long sequence, long contents, long... entries) {
    long[] covered = new long[2 + entries.length];
    covered[0] = sequence;
    covered[1] = 24 + 8L * entries.length;
    System.arraycopy(entries, 0, covered, 2, entries.length);
    long era = medium.getLong(HeapLayout.ERA_OFFSET);
    long start = mix(mix(mix(mix(MULTIPLIER, 1), ~0L), era), contents);
    medium.putLong(slot(1, 0), checksum(start, covered));
    for (int i = 0; i < covered.length; i++) {
      medium.putLong(slot(1, 0) + 8L * (i + 1), covered[i]);
    }
  }

  private static long checksum(long start, long... words) {
    long[] sums = new long[4];
    for (int chain = 0; chain < 4; chain++) {
      sums[chain] = start ^ CHAINS[chain];
    }
    int whole = words.length / 4 * 4;
    for (int i = 0; i < words.length; i++) {
      int chain = i < whole ? i % 4 : 0;
      sums[chain] = mix(sums[chain], words[i]);
    }
    return mix(mix(mix(sums[0], sums[1]), sums[2]), sums[3]);
  }

  private static long mix(long hash, long word) {
    long h = (hash ^ word) * MULTIPLIER;
    return h ^ (h >>> 32);
  }
}
