package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;

/** What a set's map gives its keys: one value, of no bytes. In no signature that a heap stores. */
final class PresentType extends Type<PresentType.Present> {
  static final PresentType INSTANCE = new PresentType();

  /** The value. */
  enum Present {
    PRESENT
  }

  private PresentType() {
    super("present", Present.class, 0, 1);
  }

  @Override
  int encodedSize(Present value) {
    return 0;
  }

  @Override
  int write(MediumAccessor accessor, long offset, Present value) {
    return 0;
  }

  @Override
  Present read(MediumAccessor accessor, long offset, int length) {
    checkLength(offset, length);
    return Present.PRESENT;
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, Present value) {
    return length == 0;
  }

  @Override
  long hash(Present value, long seed) {
    return seed;
  }

  @Override
  boolean valueEquals(Present a, Present b) {
    return true;
  }

  @Override
  int valueHash(Present value) {
    return 0;
  }
}
