package dev.cairn.btt;

import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.UUID;

/** What stands before the table in a pool file of libpmemblk. Only ever read here. */
record PoolHeader(UUID uuid, int blockSize) {
  /** {@code PMEMBLK} and a zero byte. */
  private static final long SIGNATURE = 0x004b_4c42_4d45_4d50L;

  private static final int UUID_OFFSET = 24;
  private static final int FILE_UUID_OFFSET = 40;
  private static final int NEXT_FILE_UUID_OFFSET = 72;
  private static final int BLOCK_SIZE_OFFSET = 4096;
  private static final int SIZE = 8192;

  static boolean isPresent(MediumAccessor medium) {
    return medium.size() >= SIZE && medium.getWord(0) == SIGNATURE;
  }

  /**
   * Reads the header.
   *
   * @throws HeapFormatException if this is one of several files of a pool
   */
  static PoolHeader read(MediumAccessor medium) {
    if (!medium.rangesEqual(FILE_UUID_OFFSET, NEXT_FILE_UUID_OFFSET, 2 * Long.BYTES)) {
      throw new HeapFormatException("one file of a pool of several: expected a pool of one file");
    }
    byte[] uuid = new byte[2 * Long.BYTES];
    medium.get(UUID_OFFSET, uuid, 0, uuid.length);
    return new PoolHeader(ArenaInfo.uuid(uuid, 0), medium.getInt(BLOCK_SIZE_OFFSET));
  }
}
