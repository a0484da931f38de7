package dev.cairn.tx.spi;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A medium in front of another one, for tests that put themselves between. */
class ForwardingMedium implements Medium {
  private final Medium inner;

  ForwardingMedium(Medium inner) {
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
  public @Nullable StoreObserver observer() {
    return inner.observer();
  }

  @Override
  public void close() {
    inner.close();
  }
}
