package dev.cairn.heap.spi;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory that outlives nothing: where something is laid out before its place may be stored to. */
record ScratchMedium(MemorySegment segment) implements Medium {

  static ScratchMedium of(long size) {
    return new ScratchMedium(Arena.ofAuto().allocate(size, HeapLayout.LINE_SIZE));
  }

  @Override
  public void flush(long offset, long length) {
    throw new IllegalStateException("a flush of scratch memory");
  }

  @Override
  public void fence() {
    throw new IllegalStateException("a fence of scratch memory");
  }

  @Override
  public long size() {
    return segment.byteSize();
  }

  @Override
  public long maximumSize() {
    return segment.byteSize();
  }

  @Override
  public void grow(long newSize) {
    throw new IllegalStateException("growth of scratch memory");
  }

  @Override
  public Durability durability() {
    return new Durability(Durability.Level.NOTHING, "scratch memory: nothing is kept");
  }

  @Override
  public String name() {
    return "scratch memory";
  }

  @Override
  public void close() {
    // Freed with the last reference.
  }
}
