package dev.cairn.evidence.damage;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Memory that holds a base image, and goes back to it after each use by restoring the lines that
 * were touched: thousands of damaged images a second. Used by one thread. Closing it does nothing.
 */
final class PatchedMedium implements Medium, StoreObserver {
  static final int LINE = 64;
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment segment;
  private final byte[] base;
  private final BitSet isTouched;
  private int[] touched = new int[1024];
  private int touchedCount;

  /** How many more stores until {@link #captured} is taken; negative if it is not wanted. */
  private long captureIn = -1;

  private byte[] captured = new byte[0];

  private PatchedMedium(byte[] base) {
    this.base = base;
    this.segment = Arena.ofAuto().allocate(base.length, LINE);
    this.isTouched = new BitSet(base.length / LINE);
    MemorySegment.copy(base, 0, segment, ValueLayout.JAVA_BYTE, 0, base.length);
  }

  static PatchedMedium of(byte[] base) {
    return new PatchedMedium(base.clone());
  }

  /** Restores the base image. */
  void reset() {
    for (int i = 0; i < touchedCount; i++) {
      int offset = touched[i] * LINE;
      MemorySegment.copy(base, offset, segment, ValueLayout.JAVA_BYTE, offset, LINE);
    }
    isTouched.clear();
    touchedCount = 0;
  }

  byte[] image() {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  long word(long offset) {
    return segment.get(WORD, offset);
  }

  void putWord(long offset, long value) {
    segment.set(WORD, offset, value);
    stored(offset, Long.BYTES);
  }

  void flip(long offset, int mask) {
    byte old = segment.get(ValueLayout.JAVA_BYTE, offset);
    segment.set(ValueLayout.JAVA_BYTE, offset, (byte) (old ^ mask));
    stored(offset, 1);
  }

  void put(long offset, byte[] bytes) {
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
    stored(offset, bytes.length);
  }

  byte[] get(long offset, int length) {
    return segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Takes a copy of everything right after the next stores, this many of them. */
  void captureAfter(long stores) {
    captureIn = stores;
  }

  /** What was captured; empty if there were fewer stores. */
  byte[] captured() {
    return captured;
  }

  @Override
  public void stored(long offset, long length) {
    int last = (int) ((offset + length - 1) / LINE);
    for (int line = (int) (offset / LINE); line <= last; line++) {
      if (!isTouched.get(line)) {
        isTouched.set(line);
        if (touchedCount == touched.length) {
          touched = Arrays.copyOf(touched, 2 * touchedCount);
        }
        touched[touchedCount++] = line;
      }
    }
    if (captureIn > 0 && --captureIn == 0) {
      captured = image();
    }
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
    return base.length;
  }

  @Override
  public long maximumSize() {
    return base.length;
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
    return "damaged";
  }

  @Override
  public StoreObserver observer() {
    return this;
  }

  @Override
  public void close() {}
}
