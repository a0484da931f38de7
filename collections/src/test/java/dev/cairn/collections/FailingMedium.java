package dev.cairn.collections;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A medium whose fences fail from some moment on, as those of a broken disk do. */
final class FailingMedium implements Medium {
  private final Medium medium;
  private volatile boolean broken;

  FailingMedium(Medium medium) {
    this.medium = medium;
  }

  void fail() {
    broken = true;
  }

  @Override
  public MemorySegment segment() {
    return medium.segment();
  }

  @Override
  public void flush(long offset, long length) {
    medium.flush(offset, length);
  }

  @Override
  public void fence() {
    if (broken) {
      throw new HeapFailedException("the disk is broken", new IOException("EIO"));
    }
    medium.fence();
  }

  @Override
  public long size() {
    return medium.size();
  }

  @Override
  public long maximumSize() {
    return medium.maximumSize();
  }

  @Override
  public void grow(long newSize) throws IOException {
    medium.grow(newSize);
  }

  @Override
  public Durability durability() {
    return medium.durability();
  }

  @Override
  public String name() {
    return "failing";
  }

  @Override
  public void close() {
    medium.close();
  }
}
