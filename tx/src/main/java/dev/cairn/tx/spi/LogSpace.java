package dev.cairn.tx.spi;

/**
 * Where transactions get room for a long log, and to whom they give blocks back. The allocator
 * implements it: transactions lie below it, and must not know it.
 *
 * <p>A reserved block is taken in volatile state only: after a crash it is free again. That is why
 * a log's extents can neither leak nor be handed out while recovery still reads them.
 */
public interface LogSpace {

  /**
   * Reserves a block.
   *
   * @param size in bytes
   * @return the block's offset, a multiple of 8
   * @throws dev.cairn.heap.PersistentMemoryException if there is no such block
   */
  long reserve(long size);

  /**
   * Takes back the intention to free a block: the transaction that declared it is undone.
   *
   * @param block its offset
   */
  void keep(long block);

  /**
   * Lets a block be allocated again: one that was only reserved, or one whose free is durable.
   *
   * @param block its offset
   */
  void release(long block);
}
