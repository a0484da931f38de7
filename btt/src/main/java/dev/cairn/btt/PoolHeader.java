package dev.cairn.btt;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.UUID;

/** What stands before the table in a pool file of libpmemblk. Only ever read here. */
record PoolHeader(UUID uuid, int blockSize) {
  /** {@code PMEMBLK} and a zero byte. */
  private static final long SIGNATURE = 0x004b_4c42_4d45_4d50L;

  private static final int UUID_OFFSET = 24;
  private static final int BLOCK_SIZE_OFFSET = 4096;
  private static final int SIZE = 8192;

  static boolean isPresent(MediumAccessor medium) {
    return medium.size() >= SIZE && medium.getWord(0) == SIGNATURE;
  }

  static PoolHeader read(MediumAccessor medium) {
    byte[] uuid = new byte[2 * Long.BYTES];
    medium.get(UUID_OFFSET, uuid, 0, uuid.length);
    return new PoolHeader(ArenaInfo.uuid(uuid, 0), medium.getInt(BLOCK_SIZE_OFFSET));
  }
}
