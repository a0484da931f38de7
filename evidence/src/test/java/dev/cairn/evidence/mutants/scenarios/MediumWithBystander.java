package dev.cairn.evidence.mutants.scenarios;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Lets another thread do something before a fence: once, at a fence that was chosen. */
final class MediumWithBystander implements Medium {
  private final Medium inner;
  private int fencesLeft = -1;
  private @Nullable Runnable bystander;

  MediumWithBystander(Medium inner) {
    this.inner = inner;
  }

  /** Calls back before the n-th fence from now, on the thread that fences. */
  synchronized void beforeFence(int n, Runnable action) {
    fencesLeft = n;
    bystander = action;
  }

  private synchronized @Nullable Runnable due() {
    if (fencesLeft < 0 || --fencesLeft > 0) {
      return null;
    }
    fencesLeft = -1;
    return bystander;
  }

  @Override
  public void fence() {
    Runnable action = due();
    if (action != null) {
      action.run();
    }
    inner.fence();
  }

  @Override
  public void flush(long offset, long length) {
    inner.flush(offset, length);
  }

  @Override
  public MemorySegment segment() {
    return inner.segment();
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
