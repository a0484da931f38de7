package dev.cairn.crashtest.kill;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A medium without much of a medium: who calls it is what matters. */
final class NoMedium implements Medium {
  private static final int SIZE = 64;

  private final MemorySegment segment = Arena.ofAuto().allocate(SIZE, SIZE);

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void flush(long offset, long length) {}

  @Override
  public void fence() {}

  @Override
  public long size() {
    return SIZE;
  }

  @Override
  public long maximumSize() {
    return SIZE;
  }

  @Override
  public void grow(long newSize) {}

  @Override
  public Durability durability() {
    return new Durability(Durability.Level.NOTHING, "for tests");
  }

  @Override
  public String name() {
    return "none";
  }

  @Override
  public void close() {}
}
