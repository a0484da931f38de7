package dev.cairn.bench.run;

import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.Medium;

/** Counts what is flushed and fenced. For one thread. */
final class CountingMedium extends ForwardingMedium {
  private static final int LINE = 64;

  private long fences;
  private long lines;

  CountingMedium(Medium inner) {
    super(inner);
  }

  @Override
  public void flush(long offset, long length) {
    if (length > 0) {
      lines += (offset + length - 1) / LINE - offset / LINE + 1;
    }
    super.flush(offset, length);
  }

  @Override
  public void fence() {
    fences++;
    super.fence();
  }

  void reset() {
    fences = 0;
    lines = 0;
  }

  long fences() {
    return fences;
  }

  long lines() {
    return lines;
  }
}
