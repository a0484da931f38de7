package dev.cairn.evidence.lincheck;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory of which nothing is ever durable. It says that its stores are observed, though nobody
 * looks, since the heap then does the same in each run: a scenario must be repeatable.
 */
final class ObservedMemory implements Medium, StoreObserver {
  private final MemorySegment segment;

  ObservedMemory(long size) {
    this.segment = Arena.ofAuto().allocate(size, 64);
  }

  @Override
  public void stored(long offset, long length) {}

  @Override
  public StoreObserver observer() {
    return this;
  }

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
    return segment.byteSize();
  }

  @Override
  public long maximumSize() {
    return segment.byteSize();
  }

  @Override
  public void grow(long newSize) {
    throw new AssertionError("the heap has its maximum size");
  }

  @Override
  public Durability durability() {
    return new Durability(Durability.Level.NOTHING, "memory for tests");
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public void close() {}
}
