package dev.cairn.collections;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MediumAccessor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory without a file, which goes when nobody uses it. Nothing in it is ever durable. */
final class AnonymousMedium implements Medium {
  /** What memory holds before it is written to: not zeros, so that missing stores show. */
  static final byte LITTER = (byte) 0xA5;

  private final MemorySegment segment;

  private AnonymousMedium(long size) {
    segment = Arena.ofAuto().allocate(size, 64).fill(LITTER);
  }

  /** Returns memory full of {@link #LITTER}; a heap on it can be closed and opened again. */
  static AnonymousMedium of(long size) {
    return new AnonymousMedium(size);
  }

  /** Returns an accessor of memory full of {@link #LITTER}. */
  static MediumAccessor accessor(long size) {
    return new MediumAccessor(new AnonymousMedium(size));
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
    throw new UnsupportedOperationException();
  }

  @Override
  public Durability durability() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String name() {
    return "anonymous";
  }

  @Override
  public void close() {}
}
