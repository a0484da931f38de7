package dev.cairn.btt;

import static dev.cairn.btt.InfoLayout.BACKUP_OFFSET;
import static dev.cairn.btt.InfoLayout.CHECKSUM_OFFSET;
import static dev.cairn.btt.InfoLayout.DATA_OFFSET;
import static dev.cairn.btt.InfoLayout.EXTERNAL_BLOCKS_OFFSET;
import static dev.cairn.btt.InfoLayout.EXTERNAL_BLOCK_SIZE_OFFSET;
import static dev.cairn.btt.InfoLayout.FLAGS_OFFSET;
import static dev.cairn.btt.InfoLayout.FLAG_ERROR;
import static dev.cairn.btt.InfoLayout.FLOG_OFFSET;
import static dev.cairn.btt.InfoLayout.FREE_BLOCKS_OFFSET;
import static dev.cairn.btt.InfoLayout.INFO_SIZE;
import static dev.cairn.btt.InfoLayout.INFO_SIZE_OFFSET;
import static dev.cairn.btt.InfoLayout.INTERNAL_BLOCKS_OFFSET;
import static dev.cairn.btt.InfoLayout.INTERNAL_BLOCK_SIZE_OFFSET;
import static dev.cairn.btt.InfoLayout.MAJOR_OFFSET;
import static dev.cairn.btt.InfoLayout.MAP_OFFSET;
import static dev.cairn.btt.InfoLayout.MINOR_OFFSET;
import static dev.cairn.btt.InfoLayout.NEXT_OFFSET;
import static dev.cairn.btt.InfoLayout.PARENT_UUID_OFFSET;
import static dev.cairn.btt.InfoLayout.SIGNATURE_FIRST;
import static dev.cairn.btt.InfoLayout.SIGNATURE_FIRST_OFFSET;
import static dev.cairn.btt.InfoLayout.SIGNATURE_SECOND;
import static dev.cairn.btt.InfoLayout.SIGNATURE_SECOND_OFFSET;
import static dev.cairn.btt.InfoLayout.UUID_OFFSET;

import dev.cairn.heap.HeapCorruptedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The content of an info block.
 *
 * @param uuid of the store, the same in all its arenas; its bytes as they lie on the medium
 * @param parent of what the store lies in
 * @param flags {@link InfoLayout#FLAG_ERROR} or 0
 * @param major 1 or 2
 * @param minor 1 with 1, 0 with 2
 * @param geometry of the arena
 */
record ArenaInfo(UUID uuid, UUID parent, int flags, int major, int minor, ArenaGeometry geometry) {

  boolean hasErrorFlag() {
    return (flags & FLAG_ERROR) != 0;
  }

  /** Returns the same, marked as one that must not be written. */
  ArenaInfo withErrorFlag() {
    return new ArenaInfo(uuid, parent, flags | FLAG_ERROR, major, minor, geometry);
  }

  /** Returns the block with its checksum. */
  byte[] encode() {
    byte[] bytes = new byte[INFO_SIZE];
    ByteBuffer block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    block.putLong(SIGNATURE_FIRST_OFFSET, SIGNATURE_FIRST);
    block.putLong(SIGNATURE_SECOND_OFFSET, SIGNATURE_SECOND);
    putUuid(bytes, UUID_OFFSET, uuid);
    putUuid(bytes, PARENT_UUID_OFFSET, parent);
    block.putInt(FLAGS_OFFSET, flags);
    block.putShort(MAJOR_OFFSET, (short) major);
    block.putShort(MINOR_OFFSET, (short) minor);
    block.putInt(EXTERNAL_BLOCK_SIZE_OFFSET, geometry.externalBlockSize());
    block.putInt(EXTERNAL_BLOCKS_OFFSET, geometry.externalBlocks());
    block.putInt(INTERNAL_BLOCK_SIZE_OFFSET, geometry.internalBlockSize());
    block.putInt(INTERNAL_BLOCKS_OFFSET, geometry.internalBlocks());
    block.putInt(FREE_BLOCKS_OFFSET, geometry.freeBlocks());
    block.putInt(INFO_SIZE_OFFSET, INFO_SIZE);
    block.putLong(NEXT_OFFSET, geometry.nextOffset());
    block.putLong(DATA_OFFSET, geometry.dataOffset());
    block.putLong(MAP_OFFSET, geometry.mapOffset());
    block.putLong(FLOG_OFFSET, geometry.flogOffset());
    block.putLong(BACKUP_OFFSET, geometry.backupOffset());
    block.putLong(CHECKSUM_OFFSET, Fletcher64.of(bytes));
    return bytes;
  }

  /**
   * Reads a block that bears the signature.
   *
   * @param bytes the block
   * @param offset where it lay, for messages
   * @throws HeapCorruptedException if the checksum is wrong, or the numbers contradict themselves
   */
  static ArenaInfo decode(byte[] bytes, long offset) {
    ByteBuffer block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    byte[] summed = bytes.clone();
    ByteBuffer.wrap(summed).putLong(CHECKSUM_OFFSET, 0);
    long expected = Fletcher64.of(summed);
    long actual = block.getLong(CHECKSUM_OFFSET);
    if (actual != expected || block.getLong(SIGNATURE_SECOND_OFFSET) != SIGNATURE_SECOND) {
      throw damaged(
          offset, "checksum 0x%016x".formatted(expected), "checksum 0x%016x".formatted(actual));
    }
    ArenaInfo info =
        new ArenaInfo(
            uuid(bytes, UUID_OFFSET),
            uuid(bytes, PARENT_UUID_OFFSET),
            block.getInt(FLAGS_OFFSET),
            Short.toUnsignedInt(block.getShort(MAJOR_OFFSET)),
            Short.toUnsignedInt(block.getShort(MINOR_OFFSET)),
            new ArenaGeometry(
                block.getInt(EXTERNAL_BLOCK_SIZE_OFFSET),
                block.getInt(EXTERNAL_BLOCKS_OFFSET),
                block.getInt(INTERNAL_BLOCK_SIZE_OFFSET),
                block.getInt(INTERNAL_BLOCKS_OFFSET),
                block.getInt(FREE_BLOCKS_OFFSET),
                block.getLong(NEXT_OFFSET),
                block.getLong(DATA_OFFSET),
                block.getLong(MAP_OFFSET),
                block.getLong(FLOG_OFFSET),
                block.getLong(BACKUP_OFFSET)));
    int infoSize = block.getInt(INFO_SIZE_OFFSET);
    if (infoSize != INFO_SIZE) {
      throw damaged(offset, "size " + INFO_SIZE, "size " + infoSize);
    }
    String contradiction = info.geometry.contradiction();
    if (!contradiction.isEmpty()) {
      throw damaged(offset, "areas that fit in order", contradiction);
    }
    return info;
  }

  private static HeapCorruptedException damaged(long offset, String expected, String actual) {
    return new HeapCorruptedException("BTT info block", offset, expected, actual);
  }

  // UUIDs are bytes; a big-endian UUID prints them in their order.

  static UUID uuid(byte[] bytes, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, 2 * Long.BYTES);
    return new UUID(buffer.getLong(), buffer.getLong());
  }

  static void putUuid(byte[] bytes, int offset, UUID uuid) {
    ByteBuffer.wrap(bytes, offset, 2 * Long.BYTES)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits());
  }
}
