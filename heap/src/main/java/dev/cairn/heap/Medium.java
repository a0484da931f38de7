package dev.cairn.heap;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The bytes under a heap, and how they become durable.
 *
 * <p>The contract every implementation keeps, and the crash model that all of Cairn relies on:
 *
 * <ul>
 *   <li>an aligned 8-byte store never tears;
 *   <li>what a thread stored, then {@linkplain #flush flushed}, is durable once that thread's next
 *       {@link #fence} returns;
 *   <li>anything else may be durable too, word by word and in any order, or may be lost.
 * </ul>
 *
 * <p>A fence answers for the flushes of the calling thread only. Flush and fence may be called by
 * many threads at once; {@link #grow} and {@link #close} by one at a time. After {@code close}, the
 * segment is no longer alive and access to it throws {@link IllegalStateException}.
 */
public interface Medium extends AutoCloseable {

  /**
   * Returns the bytes: {@link #maximumSize()} of them are addressable, the first {@link #size()}
   * may be used. The same segment is returned for the medium's whole life: growth does not remap.
   * Its base address is a multiple of 64.
   *
   * @return the mapped range, from offset 0
   */
  MemorySegment segment();

  /**
   * Starts write-back of each 64-byte line that the range touches. Nothing is durable before the
   * next {@link #fence}.
   *
   * @param offset first byte, in bytes from the start of the heap
   * @param length in bytes; 0 does nothing
   * @throws IndexOutOfBoundsException if the range leaves the medium
   */
  void flush(long offset, long length);

  /**
   * Waits until all that the calling thread flushed is durable.
   *
   * @throws HeapFailedException if the medium reports a failed write; what is durable is then
   *     unknown, and every later fence throws the same
   */
  void fence();

  /**
   * Returns how many bytes exist now.
   *
   * @return the size in bytes
   */
  long size();

  /**
   * Returns how far {@link #grow} can go.
   *
   * @return the limit in bytes, fixed when the medium was opened
   */
  long maximumSize();

  /**
   * Makes the medium larger. New bytes read as zero. All of them are backed by storage when this
   * returns: a later store cannot fail for want of space.
   *
   * @param newSize in bytes, at least {@link #size()} and at most {@link #maximumSize()}
   * @throws IOException if the storage is not to be had; the size is then as before
   */
  void grow(long newSize) throws IOException;

  /**
   * Says what survives what on this medium, and why.
   *
   * @return the durability of what was fenced
   */
  Durability durability();

  /**
   * Names the medium for messages: a path, or a word such as {@code simulated}.
   *
   * @return the name
   */
  String name();

  /**
   * Returns who wants to see each store, or null. Real media return null, and stores then cost what
   * a bare {@link MemorySegment} store costs.
   *
   * @return the observer, the same one at each call
   */
  default @Nullable StoreObserver observer() {
    return null;
  }

  /** Releases the bytes. Idempotent. Makes nothing durable. */
  @Override
  void close();
}
