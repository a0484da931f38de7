package dev.cairn.heap;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A medium in front of another one, to which it passes everything on: override what shall be
 * counted, delayed or made to fail. For {@link HeapOptions#withMediumDecorator}, and for tests.
 */
public abstract class ForwardingMedium implements Medium {
  private final Medium inner;

  /**
   * Creates a medium in front of another one.
   *
   * @param inner gets all calls; closed with this one
   */
  protected ForwardingMedium(Medium inner) {
    this.inner = Objects.requireNonNull(inner);
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
