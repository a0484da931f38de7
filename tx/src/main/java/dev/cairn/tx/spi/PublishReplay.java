package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.CLEAR;
import static dev.cairn.tx.spi.LogFormat.SET;
import static dev.cairn.tx.spi.LogFormat.WORD;
import static dev.cairn.tx.spi.PublishFormat.CONTENT;
import static dev.cairn.tx.spi.PublishFormat.HEADER_SIZE;
import static dev.cairn.tx.spi.PublishFormat.MARK;
import static dev.cairn.tx.spi.PublishFormat.WORDS;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores again what committed transactions have published: the valid records of all lanes, in their
 * sequence, but for those that a mark says are dead. Reading stores nothing; replaying is
 * idempotent, and changes neither marks nor, once they are {@linkplain #confirm confirmed},
 * records.
 */
final class PublishReplay {
  private static final int FIRST_ENTRY = HEADER_SIZE / Long.BYTES;

  private final MediumAccessor accessor;
  private final List<Found> records = new ArrayList<>();

  /**
   * A valid record.
   *
   * @param offset of its slot
   * @param words all of it
   * @param confirmed its checksum without the contents, if that is not what it has, else 0
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Found(long offset, long[] words, long confirmed) {
    long sequence() {
      return words[PublishFormat.SEQUENCE / Long.BYTES];
    }

    /** Where on the medium a word of the record is. */
    long at(int index) {
      return offset + (long) index * Long.BYTES;
    }
  }

  PublishReplay(MediumAccessor accessor) {
    this.accessor = accessor;
  }

  // Reading.

  /**
   * Reads and checks the records of all lanes.
   *
   * @throws HeapCorruptedException if a valid one makes no sense
   */
  void collect() {
    long era = accessor.getWord(HeapLayout.ERA_OFFSET);
    for (int lane = 0; lane < HeapLayout.LANE_COUNT; lane++) {
      for (int slot = 0; slot < HeapLayout.SLOTS_PER_LANE; slot++) {
        Found found = read(PublishFormat.slot(lane, slot), PublishFormat.seed(lane, slot, era));
        if (found != null && !isDead(found)) {
          long at = found.offset + PublishFormat.SEQUENCE;
          check(found.sequence() > 0, at, "a sequence above 0", found.sequence());
          records.add(found);
        }
      }
    }
    putInOrder();
  }

  /** Of records that conflict, the later one has the greater sequence. */
  private void putInOrder() {
    records.sort(Comparator.comparingLong(Found::sequence));
  }

  boolean isEmpty() {
    return records.isEmpty();
  }

  /** Reads a slot; returns null if it holds no valid record. */
  private @Nullable Found read(long offset, long seed) {
    long length = accessor.getWord(offset + PublishFormat.LENGTH);
    if (length <= HEADER_SIZE || length > HeapLayout.SLOT_SIZE || length % Long.BYTES != 0) {
      return null;
    }
    long[] words = new long[(int) (length / Long.BYTES)];
    accessor.getWords(offset, words);
    if (!isOfWholeEntries(words)) {
      return null;
    }
    long confirmed = checksum(seed, PublishFormat.CONFIRMED, words);
    if (words[0] == confirmed) {
      return new Found(offset, words, 0);
    }
    boolean hasContents = false;
    long contents = 0;
    long contentLength = 0;
    for (int i = FIRST_ENTRY; i < words.length; i = next(words, i)) {
      if (LogFormat.kind(words[i]) == CONTENT) {
        contentLength += words[i + 1];
        if (!isInZones(LogFormat.offset(words[i]), words[i + 1])
            || contentLength > PublishFormat.MOST_CONTENT) {
          return null; // torn, or no record at all
        }
        hasContents = true;
        contents =
            PublishFormat.checksum(contents, accessor, LogFormat.offset(words[i]), words[i + 1]);
      }
    }
    return isValid(words, seed, contents)
        ? new Found(offset, words, hasContents ? confirmed : 0)
        : null;
  }

  private static boolean isValid(long[] words, long seed, long contents) {
    return words[0] == checksum(seed, contents, words);
  }

  private static long checksum(long seed, long contents, long[] words) {
    int first = PublishFormat.SEQUENCE / Long.BYTES;
    return PublishFormat.checksum(LogFormat.mix(seed, contents), words, first, words.length);
  }

  private static boolean isOfWholeEntries(long[] words) {
    int i = FIRST_ENTRY;
    while (i + 1 < words.length) {
      long room = (long) (words.length - i) * Long.BYTES;
      long length = PublishFormat.entryLength(words[i], words[i + 1], room);
      if (length > room) {
        return false;
      }
      i += (int) (length / Long.BYTES);
    }
    return i == words.length;
  }

  /** The index of the entry behind that at an index. */
  private static int next(long[] words, int i) {
    long room = (long) (words.length - i) * Long.BYTES;
    return i + (int) (PublishFormat.entryLength(words[i], words[i + 1], room) / Long.BYTES);
  }

  private boolean isInZones(long offset, long length) {
    return offset >= HeapLayout.ZONES_OFFSET
        && offset % Long.BYTES == 0
        && length > 0
        && length % Long.BYTES == 0
        && length <= accessor.size() - offset;
  }

  /** How many bytes an entry stores to, or reads. */
  private static long targetLength(long entry, long operand) {
    return switch (LogFormat.kind(entry)) {
      case CONTENT -> operand;
      case WORDS -> operand * Long.BYTES;
      default -> Long.BYTES;
    };
  }

  /** Says whether a mark tells that a valid record is durable in place; checks each entry. */
  private boolean isDead(Found found) {
    long[] words = found.words;
    boolean dead = false;
    for (int i = FIRST_ENTRY; i < words.length; i = next(words, i)) {
      int kind = LogFormat.kind(words[i]);
      boolean stores = kind == WORD || kind == SET || kind == CLEAR || kind == WORDS;
      boolean known = stores || kind == MARK || kind == CONTENT;
      check(known, found.at(i), "a kind of 1, 2, 3, 6, 7 or 8", words[i]);
      long target = LogFormat.offset(words[i]);
      boolean inZones = isInZones(target, targetLength(words[i], words[i + 1]));
      check(inZones, found.at(i), "a target in the zones", words[i]);
      dead |= kind == MARK && StripeMark.read(accessor, target) >= found.sequence();
    }
    return dead;
  }

  /** Checks that no record stores over what {@link LogRollback} reads when it is run again. */
  void checkTargets(LogRollback rollback) {
    for (Found found : records) {
      long[] words = found.words;
      for (int i = FIRST_ENTRY; i < words.length; i = next(words, i)) {
        long target = LogFormat.offset(words[i]);
        long end = target + targetLength(words[i], words[i + 1]);
        boolean apart =
            LogFormat.kind(words[i]) == CONTENT || rollback.isOutsideExtents(target, end);
        check(apart, found.at(i), "a target outside of the logs", words[i]);
      }
    }
  }

  // Replaying.

  /**
   * Gives the records that vouch for contents a checksum without them, durably: what is stored from
   * here on may change the contents, and if this recovery is cut short, the next one must believe
   * the same records. One word each, so that a record is valid before and after. One fence, if
   * there are any.
   */
  void confirm() {
    boolean changed = false;
    for (Found found : records) {
      if (found.confirmed != 0) {
        accessor.putWord(found.offset + PublishFormat.CHECKSUM, found.confirmed);
        accessor.flush(found.offset + PublishFormat.CHECKSUM, Long.BYTES);
        changed = true;
      }
    }
    if (changed) {
      accessor.fence();
    }
  }

  /** Stores what the records say. The caller flushes the lines, and fences. */
  void run(LineSet lines) {
    for (Found found : records) {
      for (int i = FIRST_ENTRY; i < found.words.length; i = next(found.words, i)) {
        store(found.words, i, lines);
      }
    }
  }

  private void store(long[] words, int i, LineSet lines) {
    long offset = LogFormat.offset(words[i]);
    long operand = words[i + 1];
    switch (LogFormat.kind(words[i])) {
      case WORD -> accessor.putWord(offset, operand);
      case SET -> accessor.setBits(offset, operand);
      case CLEAR -> accessor.clearBits(offset, operand);
      case WORDS -> {
        for (int word = 0; word < operand; word++) {
          accessor.putWord(offset + (long) word * Long.BYTES, words[i + 2 + word]);
        }
      }
      default -> {
        return; // marks and contents are there to be read
      }
    }
    lines.add(offset, targetLength(words[i], operand));
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
