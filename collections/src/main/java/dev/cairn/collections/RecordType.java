package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.MethodHandle;

/** Records: their components, field by field; see {@link RecordLayout}. */
final class RecordType<R extends Record> extends Type<R> {
  private final RecordLayout layout;
  private final Component[] components;
  private final int[] padding;

  /**
   * {@code (accessor, offset, length)Record}: reads all components and calls the constructor. One
   * handle, so that the JIT sees the whole of it and nothing is boxed on the way.
   */
  private final MethodHandle reader;

  RecordType(
      String signature,
      Class<R> recordClass,
      RecordLayout layout,
      Component[] components,
      MethodHandle reader) {
    super(signature, recordClass, layout.fixedSize(), layout.alignment());
    this.layout = layout;
    this.components = components;
    this.padding = layout.padding();
    this.reader = reader;
  }

  @Override
  int encodedSize(R value) {
    long end = layout.fixedPart();
    for (Component component : components) {
      end = checkedSize(signature(), component.end(value, end));
    }
    return (int) end;
  }

  @Override
  int write(MediumAccessor accessor, long offset, R value) {
    for (int position : padding) {
      accessor.putByte(offset + position, (byte) 0);
    }
    int end = layout.fixedPart();
    for (Component component : components) {
      end = component.write(accessor, offset, value, end);
    }
    return end;
  }

  @Override
  R read(MediumAccessor accessor, long offset, int length) {
    if (fixedSize() != VARIABLE) {
      checkLength(offset, length);
    } else if (length < layout.fixedPart()) {
      throw corrupted(offset, "a length of at least " + layout.fixedPart(), "length " + length);
    }
    if (!isPadded(accessor, offset)) {
      throw corrupted(offset, "padding of zeros", "something between the components");
    }
    try {
      return javaType().cast((Record) reader.invokeExact(accessor, offset, length));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("the constructor's exceptions are wrapped", e);
    }
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, R value) {
    if (fixedSize() != VARIABLE ? length != fixedSize() : length < layout.fixedPart()) {
      return false;
    }
    for (Component component : components) {
      if (!component.contentEquals(accessor, offset, length, value)) {
        return false;
      }
    }
    return isPadded(accessor, offset);
  }

  @Override
  long hash(R value, long seed) {
    long hash = seed;
    for (Component component : components) {
      hash = component.hash(value, hash);
    }
    return hash;
  }

  @Override
  boolean valueEquals(R a, R b) {
    for (Component component : components) {
      if (!component.valueEquals(a, b)) {
        return false;
      }
    }
    return true;
  }

  @Override
  int valueHash(R value) {
    int hash = 0;
    for (Component component : components) {
      hash = 31 * hash + component.valueHash(value);
    }
    return hash;
  }

  private boolean isPadded(MediumAccessor accessor, long offset) {
    for (int position : padding) {
      if (accessor.getByte(offset + position) != 0) {
        return false;
      }
    }
    return true;
  }
}
