package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.CLEAR;
import static dev.cairn.tx.spi.LogFormat.SET;
import static dev.cairn.tx.spi.LogFormat.WORD;
import static dev.cairn.tx.spi.PublishFormat.CONTENT;
import static dev.cairn.tx.spi.PublishFormat.ENTRY_SIZE;
import static dev.cairn.tx.spi.PublishFormat.HEADER_SIZE;
import static dev.cairn.tx.spi.PublishFormat.MARK;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Stores again what committed transactions have published: the valid records of all lanes, in their
 * sequence, but for those that a mark says are dead. Reading stores nothing; replaying is
 * idempotent, and changes neither records, nor marks, nor what records vouch for.
 */
final class PublishReplay {
  private final MediumAccessor accessor;
  private final List<Found> records = new ArrayList<>();

  /**
   * A record to replay.
   *
   * @param offset of its slot
   * @param sequence its place among records that conflict with it
   * @param length in bytes
   */
  private record Found(long offset, long sequence, long length) {}

  PublishReplay(MediumAccessor accessor) {
    this.accessor = accessor;
  }

  /**
   * Reads and checks the records of all lanes.
   *
   * @throws HeapCorruptedException if a valid one makes no sense
   */
  void collect() {
    long era = accessor.getWord(HeapLayout.ERA_OFFSET);
    for (int lane = 0; lane < HeapLayout.LANE_COUNT; lane++) {
      for (int slot = 0; slot < HeapLayout.SLOTS_PER_LANE; slot++) {
        long offset = PublishFormat.slot(lane, slot);
        long length = accessor.getWord(offset + PublishFormat.LENGTH);
        if (isValid(offset, length, PublishFormat.seed(lane, slot, era))
            && !isDead(offset, length)) {
          long sequence = accessor.getWord(offset + PublishFormat.SEQUENCE);
          check(sequence > 0, offset + PublishFormat.SEQUENCE, "a sequence above 0", sequence);
          records.add(new Found(offset, sequence, length));
        }
      }
    }
    records.sort(Comparator.comparingLong(Found::sequence));
  }

  boolean isEmpty() {
    return records.isEmpty();
  }

  private boolean isValid(long offset, long length, long seed) {
    if (length < HEADER_SIZE + ENTRY_SIZE
        || length > HeapLayout.SLOT_SIZE
        || (length - HEADER_SIZE) % ENTRY_SIZE != 0) {
      return false;
    }
    long contents = 0;
    for (long at = offset + HEADER_SIZE; at < offset + length; at += ENTRY_SIZE) {
      long entry = accessor.getWord(at);
      if (LogFormat.kind(entry) == CONTENT) {
        long start = LogFormat.offset(entry);
        long contentLength = accessor.getWord(at + Long.BYTES);
        if (!isInZones(start, contentLength)) {
          return false; // torn, or no record at all
        }
        contents = PublishFormat.checksum(contents, accessor, start, contentLength);
      }
    }
    long[] words = new long[(int) (length / Long.BYTES)];
    accessor.getWords(offset, words);
    int first = PublishFormat.SEQUENCE / Long.BYTES;
    return words[0]
        == PublishFormat.checksum(LogFormat.mix(seed, contents), words, first, words.length);
  }

  private boolean isInZones(long offset, long length) {
    return offset >= HeapLayout.ZONES_OFFSET
        && offset % Long.BYTES == 0
        && length > 0
        && length % Long.BYTES == 0
        && length <= accessor.size() - offset;
  }

  /** Says whether a mark tells that a valid record is durable in place; checks each entry. */
  private boolean isDead(long offset, long length) {
    long sequence = accessor.getWord(offset + PublishFormat.SEQUENCE);
    boolean dead = false;
    for (long at = offset + HEADER_SIZE; at < offset + length; at += ENTRY_SIZE) {
      long entry = accessor.getWord(at);
      int kind = LogFormat.kind(entry);
      boolean known = kind == WORD || kind == SET || kind == CLEAR || kind == MARK;
      check(known || kind == CONTENT, at, "a kind of 1, 2, 3, 6 or 7", entry);
      check(isInZones(LogFormat.offset(entry), Long.BYTES), at, "a target in the zones", entry);
      dead |= kind == MARK && StripeMark.read(accessor, LogFormat.offset(entry)) >= sequence;
    }
    return dead;
  }

  /** Checks that no record stores over what {@link LogRollback} reads when it is run again. */
  void checkTargets(LogRollback rollback) {
    for (Found found : records) {
      for (long at = found.offset + HEADER_SIZE; at < found.offset + found.length; ) {
        long entry = accessor.getWord(at);
        long target = LogFormat.offset(entry);
        boolean apart =
            LogFormat.kind(entry) == CONTENT
                || rollback.isOutsideExtents(target, target + Long.BYTES);
        check(apart, at, "a target outside of the logs", entry);
        at += ENTRY_SIZE;
      }
    }
  }

  /** Stores what the records say. The caller flushes the lines, and fences. */
  void run(LineSet lines) {
    for (Found found : records) {
      for (long at = found.offset + HEADER_SIZE; at < found.offset + found.length; ) {
        store(accessor.getWord(at), accessor.getWord(at + Long.BYTES), lines);
        at += ENTRY_SIZE;
      }
    }
  }

  private void store(long entry, long operand, LineSet lines) {
    long offset = LogFormat.offset(entry);
    switch (LogFormat.kind(entry)) {
      case WORD -> accessor.putWord(offset, operand);
      case SET -> accessor.setBits(offset, operand);
      case CLEAR -> accessor.clearBits(offset, operand);
      default -> {
        return; // marks and contents are there to be read
      }
    }
    lines.add(offset, Long.BYTES);
  }

  private static void check(boolean ok, long at, String expected, long actual) {
    if (!ok) {
      throw corrupted("publish record", at, expected, actual);
    }
  }

  static HeapCorruptedException corrupted(String structure, long at, String expected, long actual) {
    return new HeapCorruptedException(structure, at, expected, "0x" + Long.toHexString(actual));
  }
}
