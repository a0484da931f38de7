package dev.cairn.btt;

import dev.cairn.heap.HeapCorruptedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the last block of a table with a redo log says: how large the log is, and which commit is to
 * be finished. Block {@code i} of the commit has its content in the log's block {@code i}.
 *
 * @param uuid of the table
 * @param capacity how many blocks the log has
 * @param number of the commit; that of the last one if there is none to be finished
 * @param entries of its blocks; none if there is no commit to be finished
 */
record IntentBlock(UUID uuid, int capacity, long number, List<Entry> entries) {
  /**
   * A block of a commit.
   *
   * @param block where the content belongs
   * @param checksum of the content, CRC-32C
   */
  record Entry(long block, int checksum) {}

  /** {@code CAIRNINT}. */
  private static final long MAGIC = 0x544e_494e_5249_4143L;

  private static final int MAGIC_OFFSET = 0;
  private static final int UUID_OFFSET = 8;
  private static final int CAPACITY_OFFSET = 24;
  private static final int COUNT_OFFSET = 28;
  private static final int NUMBER_OFFSET = 32;
  private static final int CHECKSUM_OFFSET = 40;
  private static final int ENTRIES_OFFSET = 48;
  private static final int ENTRY_SIZE = 16;
  private static final int ENTRY_CHECKSUM_OFFSET = 8;

  /** Returns how many blocks an intent of a size can name; less than 1 if it is too small. */
  static int mostBlocks(int blockSize) {
    return (blockSize - ENTRIES_OFFSET) / ENTRY_SIZE;
  }

  /** Returns one without a commit. */
  static IntentBlock empty(UUID uuid, int capacity, long number) {
    return new IntentBlock(uuid, capacity, number, List.of());
  }

  static int checksum(byte[] content) {
    CRC32C sum = new CRC32C();
    sum.update(content);
    return (int) sum.getValue();
  }

  byte[] encode(int blockSize) {
    assert entries.size() <= capacity : entries.size();
    ByteBuffer bytes = ByteBuffer.allocate(blockSize).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(MAGIC_OFFSET, MAGIC);
    ArenaInfo.putUuid(bytes.array(), UUID_OFFSET, uuid);
    bytes.putInt(CAPACITY_OFFSET, capacity);
    bytes.putInt(COUNT_OFFSET, entries.size());
    bytes.putLong(NUMBER_OFFSET, number);
    int at = ENTRIES_OFFSET;
    for (Entry entry : entries) {
      bytes.putLong(at, entry.block);
      bytes.putInt(at + ENTRY_CHECKSUM_OFFSET, entry.checksum);
      at += ENTRY_SIZE;
    }
    bytes.putInt(CHECKSUM_OFFSET, checksum(bytes.array()));
    return bytes.array();
  }

  /**
   * Reads the last block of a table.
   *
   * @param blockCount of the table, for checks
   * @return null if it is not an intent of this table: the table has no redo log
   * @throws HeapCorruptedException if it is one, and broken
   */
  static @Nullable IntentBlock decode(byte[] content, UUID uuid, long blockCount) {
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    if (mostBlocks(content.length) < 1
        || bytes.getLong(MAGIC_OFFSET) != MAGIC
        || !ArenaInfo.uuid(content, UUID_OFFSET).equals(uuid)) {
      return null;
    }
    byte[] summed = content.clone();
    ByteBuffer.wrap(summed).putInt(CHECKSUM_OFFSET, 0);
    int capacity = bytes.getInt(CAPACITY_OFFSET);
    int count = bytes.getInt(COUNT_OFFSET);
    check(
        bytes.getInt(CHECKSUM_OFFSET) == checksum(summed),
        "checksum 0x%08x".formatted(checksum(summed)),
        "0x%08x".formatted(bytes.getInt(CHECKSUM_OFFSET)));
    check(
        capacity >= 1 && capacity <= mostBlocks(content.length) && capacity < blockCount - 1,
        "a log of 1 to %d blocks".formatted(mostBlocks(content.length)),
        "%d of %d".formatted(capacity, blockCount));
    check(count >= 0 && count <= capacity, "0 to %d blocks".formatted(capacity), "" + count);
    List<Entry> entries = new ArrayList<>(count);
    Set<Long> blocks = new HashSet<>();
    for (int i = 0; i < count; i++) {
      int at = ENTRIES_OFFSET + i * ENTRY_SIZE;
      long block = bytes.getLong(at);
      check(
          block >= 0 && block < blockCount - 1 - capacity && blocks.add(block),
          "another block below %d".formatted(blockCount - 1 - capacity),
          "block %d".formatted(block));
      entries.add(new Entry(block, bytes.getInt(at + ENTRY_CHECKSUM_OFFSET)));
    }
    return new IntentBlock(uuid, capacity, bytes.getLong(NUMBER_OFFSET), entries);
  }

  private static void check(boolean isRight, String expected, String actual) {
    if (!isRight) {
      throw new HeapCorruptedException("intent in the last block of the BTT", 0, expected, actual);
    }
  }
}
