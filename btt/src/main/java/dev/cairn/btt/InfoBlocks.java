package dev.cairn.btt;

import static dev.cairn.btt.InfoLayout.INFO_SIZE;
import static dev.cairn.btt.InfoLayout.SIGNATURE_FIRST;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Info blocks on a medium.
 *
 * <p>The first word of the signature is stored last. So a crash in the middle of writing one where
 * none was leaves none, never a broken one.
 */
final class InfoBlocks {
  private final MediumAccessor medium;

  InfoBlocks(MediumAccessor medium) {
    this.medium = medium;
  }

  /** Says whether there is something that claims to be an info block. */
  boolean isSigned(long offset) {
    return offset >= 0
        && offset <= medium.size() - INFO_SIZE
        && medium.getWord(offset) == SIGNATURE_FIRST;
  }

  /**
   * Reads an info block.
   *
   * @return null if nothing claims to be one
   * @throws HeapCorruptedException if something does, and is broken
   */
  @Nullable ArenaInfo read(long offset) {
    if (!isSigned(offset)) {
      return null;
    }
    byte[] bytes = new byte[INFO_SIZE];
    medium.get(offset, bytes, 0, bytes.length);
    return ArenaInfo.decode(bytes, offset);
  }

  /** Makes what may be an info block none, durably after the next fence. */
  void erase(long offset) {
    if (isSigned(offset)) {
      medium.putWord(offset, 0);
      medium.flush(offset, Long.BYTES);
    }
  }

  /**
   * Writes an info block, durably after the next fence. What this thread flushed before is durable
   * before the block can be found.
   *
   * @param offset where no info block is, or one that is not needed: a crash may leave it broken
   */
  void write(long offset, ArenaInfo info) {
    byte[] bytes = info.encode();
    medium.put(offset + Long.BYTES, bytes, Long.BYTES, INFO_SIZE - Long.BYTES);
    medium.persist(offset, INFO_SIZE);
    // Commit point of this block. All that it vouches for is durable.
    medium.putWord(offset, SIGNATURE_FIRST);
    medium.flush(offset, Long.BYTES);
  }

  /**
   * Replaces an info block, durably. A crash may leave it broken, so its other copy must be good.
   *
   * @param offset where the block is
   */
  void replace(long offset, ArenaInfo info) {
    byte[] bytes = info.encode();
    medium.put(offset, bytes, 0, INFO_SIZE);
    medium.persist(offset, INFO_SIZE);
  }
}
