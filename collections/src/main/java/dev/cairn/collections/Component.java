package dev.cairn.collections;

import static java.lang.invoke.MethodType.methodType;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * A component of a record: reads the field of a record object, and its place in the encoded record.
 *
 * <p>Offsets and lengths are the record's. An {@code end} counts from the record's start: it is
 * where the contents of variable size that come before this component end.
 */
abstract sealed class Component
    permits Component.OfPrimitive, Component.OfFixedSize, Component.OfVariableSize {

  /** How a component is read: {@code (accessor, offset of the record, length of the record)}. */
  private static final MethodType READER =
      methodType(Object.class, MediumAccessor.class, long.class, int.class);

  /** For messages: {@code component owner of record com.acme.Account}. */
  private final String description;

  private Component(String description) {
    this.description = description;
  }

  /** Returns where the contents end, this one included. */
  abstract long end(Object record, long end);

  /** Stores the component, and returns where the contents end, this one included. */
  abstract int write(MediumAccessor accessor, long offset, Object record, int end);

  abstract boolean contentEquals(MediumAccessor accessor, long offset, int length, Object record);

  abstract long hash(Object record, long seed);

  abstract boolean valueEquals(Object a, Object b);

  abstract int valueHash(Object record);

  /** Returns {@link #READER}, with the component's class as its result. */
  abstract MethodHandle reader();

  final HeapCorruptedException corrupted(long offset, String expected, String actual) {
    return new HeapCorruptedException(description, offset, expected, actual);
  }

  final NullPointerException isNull() {
    return new NullPointerException(description + " is null");
  }

  private static MethodHandle boundRead(Component component, Class<?> result) {
    try {
      return MethodHandles.lookup()
          .findVirtual(component.getClass(), "read", READER.changeReturnType(result))
          .bindTo(component);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** A primitive, read and stored without boxes. */
  static final class OfPrimitive extends Component {
    private final Primitive primitive;
    private final int position;

    /** {@code (Object)long}: the field of a record, as bits. */
    private final MethodHandle bits;

    OfPrimitive(String description, Primitive primitive, int position, MethodHandle field) {
      super(description);
      this.primitive = primitive;
      this.position = position;
      this.bits =
          MethodHandles.filterReturnValue(field, primitive.toBits())
              .asType(methodType(long.class, Object.class));
    }

    @Override
    long end(Object record, long end) {
      return end;
    }

    @Override
    int write(MediumAccessor accessor, long offset, Object record, int end) {
      primitive.write(accessor, offset + position, bits(record));
      return end;
    }

    long read(MediumAccessor accessor, long offset, int length) {
      long read = primitive.read(accessor, offset + position);
      if (!primitive.isCanonical(read)) {
        throw corrupted(
            offset + position, "a " + primitive.signature(), "0x" + Long.toHexString(read));
      }
      return read;
    }

    @Override
    boolean contentEquals(MediumAccessor accessor, long offset, int length, Object record) {
      return primitive.read(accessor, offset + position) == bits(record);
    }

    @Override
    long hash(Object record, long seed) {
      return ContentHash.ofWord(bits(record), seed);
    }

    @Override
    boolean valueEquals(Object a, Object b) {
      return bits(a) == bits(b);
    }

    @Override
    int valueHash(Object record) {
      return Long.hashCode(bits(record));
    }

    @Override
    MethodHandle reader() {
      return MethodHandles.filterReturnValue(boundRead(this, long.class), primitive.fromBits());
    }

    private long bits(Object record) {
      try {
        return (long) bits.invokeExact(record);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("reading a field", e);
      }
    }
  }

  /** An object of fixed size. */
  static final class OfFixedSize extends Component {
    private final Type<Object> type;
    private final int position;
    private final MethodHandle field;

    OfFixedSize(String description, Type<Object> type, int position, MethodHandle field) {
      super(description);
      this.type = type;
      this.position = position;
      this.field = field.asType(methodType(Object.class, Object.class));
    }

    @Override
    long end(Object record, long end) {
      // For what it refuses: nulls, also those inside a nested record.
      type.encodedSize(value(record));
      return end;
    }

    @Override
    int write(MediumAccessor accessor, long offset, Object record, int end) {
      type.write(accessor, offset + position, value(record));
      return end;
    }

    Object read(MediumAccessor accessor, long offset, int length) {
      return type.read(accessor, offset + position, type.fixedSize());
    }

    @Override
    boolean contentEquals(MediumAccessor accessor, long offset, int length, Object record) {
      return type.contentEquals(accessor, offset + position, type.fixedSize(), value(record));
    }

    @Override
    long hash(Object record, long seed) {
      return type.hash(value(record), seed);
    }

    @Override
    boolean valueEquals(Object a, Object b) {
      return type.valueEquals(value(a), value(b));
    }

    @Override
    int valueHash(Object record) {
      return type.valueHash(value(record));
    }

    @Override
    MethodHandle reader() {
      return boundRead(this, Object.class).asType(READER.changeReturnType(type.javaType()));
    }

    private Object value(Object record) {
      return Component.value(this, field, record);
    }
  }

  /** An object of variable size: its end among the fixed components, its content after them. */
  static final class OfVariableSize extends Component {
    private final Type<Object> type;
    private final int position;
    private final int previous;
    private final int fixedPart;
    private final boolean last;
    private final MethodHandle field;

    /**
     * Creates a component.
     *
     * @param position where its content's end is stored
     * @param previous where the end of the content before it is stored, or negative if there is
     *     none
     * @param fixedPart where the first content may start
     * @param last whether its content ends the record
     */
    OfVariableSize(
        String description,
        Type<Object> type,
        int position,
        int previous,
        int fixedPart,
        boolean last,
        MethodHandle field) {
      super(description);
      this.type = type;
      this.position = position;
      this.previous = previous;
      this.fixedPart = fixedPart;
      this.last = last;
      this.field = field.asType(methodType(Object.class, Object.class));
    }

    @Override
    long end(Object record, long end) {
      return start(end) + type.encodedSize(value(record));
    }

    @Override
    int write(MediumAccessor accessor, long offset, Object record, int end) {
      int start = (int) start(end);
      for (int i = end; i < start; i++) {
        accessor.putByte(offset + i, (byte) 0);
      }
      int newEnd = start + type.write(accessor, offset + start, value(record));
      accessor.putInt(offset + position, newEnd);
      return newEnd;
    }

    Object read(MediumAccessor accessor, long offset, int length) {
      int before = contentBefore(accessor, offset);
      int end = accessor.getInt(offset + position);
      if (!isRange(before, end, length)) {
        throw corrupted(
            offset,
            "content from byte %d to %s %d".formatted(fixedPart, last ? "just" : "at most", length),
            "content after byte %d to %d".formatted(before, end));
      }
      if (!isPadded(accessor, offset, before)) {
        throw corrupted(offset, "padding of zeros", "something after byte " + before);
      }
      int start = (int) start(before);
      return type.read(accessor, offset + start, end - start);
    }

    @Override
    boolean contentEquals(MediumAccessor accessor, long offset, int length, Object record) {
      int before = contentBefore(accessor, offset);
      int end = accessor.getInt(offset + position);
      if (!isRange(before, end, length) || !isPadded(accessor, offset, before)) {
        return false;
      }
      int start = (int) start(before);
      return type.contentEquals(accessor, offset + start, end - start, value(record));
    }

    @Override
    long hash(Object record, long seed) {
      return type.hash(value(record), seed);
    }

    @Override
    boolean valueEquals(Object a, Object b) {
      return type.valueEquals(value(a), value(b));
    }

    @Override
    int valueHash(Object record) {
      return type.valueHash(value(record));
    }

    @Override
    MethodHandle reader() {
      return boundRead(this, Object.class).asType(READER.changeReturnType(type.javaType()));
    }

    private long start(long before) {
      return RecordLayout.alignUp(before, type.alignment());
    }

    /** Returns where the content before this one ends, as stored: unchecked. */
    private int contentBefore(MediumAccessor accessor, long offset) {
      return previous < 0 ? fixedPart : accessor.getInt(offset + previous);
    }

    private boolean isRange(int before, int end, int length) {
      return before >= fixedPart && end >= start(before) && (last ? end == length : end <= length);
    }

    private boolean isPadded(MediumAccessor accessor, long offset, int before) {
      for (long i = before, start = start(before); i < start; i++) {
        if (accessor.getByte(offset + i) != 0) {
          return false;
        }
      }
      return true;
    }

    private Object value(Object record) {
      return Component.value(this, field, record);
    }
  }

  private static Object value(Component component, MethodHandle field, Object record) {
    Object value;
    try {
      value = (Object) field.invokeExact(record);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("reading a field", e);
    }
    if (value == null) {
      throw component.isNull();
    }
    return value;
  }
}
