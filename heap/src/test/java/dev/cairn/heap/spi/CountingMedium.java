package dev.cairn.heap.spi;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Passes everything on, and counts the fences. */
final class CountingMedium implements Medium {
  private final Medium inner;
  int fences;

  CountingMedium(Medium inner) {
    this.inner = inner;
  }

  @Override
  public MemorySegment segment() {
    return inner.segment();
  }

  @Override
  public void flush(long offset, long length) {
    inner.flush(offset, length);
  }

  @Override
  public void fence() {
    fences++;
    inner.fence();
  }

  @Override
  public long size() {
    return inner.size();
  }

  @Override
  public long maximumSize() {
    return inner.maximumSize();
  }

  @Override
  public void grow(long newSize) throws IOException {
    inner.grow(newSize);
  }

  @Override
  public Durability durability() {
    return inner.durability();
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public void close() {
    inner.close();
  }
}
