package dev.cairn.btt;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A view of a block where it lies, which stays as it is until it is released, whatever is written
 * to the block meanwhile.
 *
 * <p>Volatile: nothing of it is on the medium, and a crash releases it. Safe for use by many
 * threads.
 */
public final class BttPin implements AutoCloseable {
  private final long block;
  private final MemorySegment content;
  private final String place;
  private final Runnable release;
  private final AtomicBoolean isReleased = new AtomicBoolean();

  BttPin(long block, MemorySegment content, String place, Runnable release) {
    this.block = block;
    this.content = content.asReadOnly();
    this.place = place;
    this.release = release;
  }

  /**
   * Returns which block this is.
   *
   * @return its number
   */
  public long block() {
    return block;
  }

  /**
   * Returns the content, as it was when the block was pinned. No copy is made. A segment that is
   * kept beyond {@link #close} may show what others write.
   *
   * @return a read-only view, of just the block size
   * @throws IllegalStateException if this pin is released
   */
  public MemorySegment content() {
    if (isReleased.get()) {
      throw new IllegalStateException("block %d: the pin is released".formatted(block));
    }
    return content;
  }

  /** Returns who pinned it. */
  String place() {
    return place;
  }

  /** Releases the block: what was written over may be reused. Idempotent. */
  @Override
  public void close() {
    if (isReleased.compareAndSet(false, true)) {
      release.run();
    }
  }

  @Override
  public String toString() {
    return "block %d, pinned at %s".formatted(block, place);
  }
}
