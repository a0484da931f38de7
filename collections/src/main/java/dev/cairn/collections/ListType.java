package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lists within records.
 *
 * <table>
 * <caption>Layout of a list of n elements</caption>
 * <tr><th>if</th><th>offset</th><th>size</th><th>field</th></tr>
 * <tr><td>elements have a fixed size</td><td>0</td><td>n times the size, each rounded up to a
 *     multiple of the alignment</td><td>the elements, each with its padding of zeros</td></tr>
 * <tr><td rowspan="3">else</td><td>0</td><td>4</td><td>n</td></tr>
 * <tr><td>4</td><td>4n</td><td>where each element ends, from the start of the list</td></tr>
 * <tr><td>each: where the one before ends (the first: 4 + 4n), rounded up to a multiple of the
 *     alignment</td><td>any</td><td>the elements, with zeros between them</td></tr>
 * </table>
 *
 * <p>A list that is stored must be one of the JDK's that cannot change, and call nothing of the
 * program's (I3 of {@link Type}): others could outgrow the room that was made for them, or change
 * the map while its lock is held.
 */
final class ListType extends Type<List<Object>> {
  /** The classes of lists that never change, and whose {@code toArray} only copies. */
  private static final Set<Class<?>> ACCEPTED =
      Stream.of(
              List.of(),
              List.of(1),
              List.of(1, 2, 3),
              List.of(1, 2, 3).subList(1, 2),
              Collections.emptyList(),
              Collections.singletonList(1))
          .map(Object::getClass)
          .collect(Collectors.toUnmodifiableSet());

  private static final int ENDS = Integer.BYTES;

  private final Type<Object> element;

  /** In bytes, of an element with its padding; not used if elements differ in size. */
  private final int stride;

  @SuppressWarnings("unchecked") // of this class, whatever it holds
  ListType(Type<Object> element) {
    super(
        "list(" + element.signature() + ")",
        (Class<List<Object>>) (Class<?>) List.class,
        VARIABLE,
        Math.max(element.alignment(), hasFixedSize(element) ? 1 : Integer.BYTES));
    this.element = element;
    this.stride = (int) RecordLayout.alignUp(Math.max(element.fixedSize(), 0), element.alignment());
  }

  private static boolean hasFixedSize(Type<?> element) {
    return element.fixedSize() != VARIABLE;
  }

  private boolean isFixed() {
    return hasFixedSize(element);
  }

  /** Returns a copy of a list, made by nothing that the program can have written. */
  private static Object[] copy(List<Object> value) {
    if (!ACCEPTED.contains(value.getClass())) {
      throw new IllegalArgumentException(
          "a list of class %s: must be one that cannot change, as List.copyOf returns it"
              .formatted(value.getClass().getName()));
    }
    Object[] elements = value.toArray();
    for (int i = 0; i < elements.length; i++) {
      if (elements[i] == null) {
        throw new NullPointerException("element %d of a list is null".formatted(i));
      }
    }
    return elements;
  }

  @Override
  int encodedSize(List<Object> value) {
    return checkedSize(signature(), size(copy(value)));
  }

  private long size(Object[] elements) {
    if (isFixed()) {
      for (Object each : elements) {
        element.encodedSize(each); // for what it refuses
      }
      return (long) stride * elements.length;
    }
    long end = firstContent(elements.length);
    for (Object each : elements) {
      end = start(end) + element.encodedSize(each);
    }
    return end;
  }

  private static long firstContent(long count) {
    return ENDS + count * Integer.BYTES;
  }

  private long start(long before) {
    return RecordLayout.alignUp(before, element.alignment());
  }

  @Override
  int write(MediumAccessor accessor, long offset, List<Object> value) {
    Object[] elements = copy(value);
    if (isFixed()) {
      for (int i = 0; i < elements.length; i++) {
        long at = offset + (long) i * stride;
        int end = element.write(accessor, at, elements[i]);
        pad(accessor, at + end, at + stride);
      }
      return stride * elements.length;
    }
    accessor.putInt(offset, elements.length);
    int end = (int) firstContent(elements.length);
    for (int i = 0; i < elements.length; i++) {
      int start = (int) start(end);
      pad(accessor, offset + end, offset + start);
      end = start + element.write(accessor, offset + start, elements[i]);
      accessor.putInt(offset + ENDS + (long) i * Integer.BYTES, end);
    }
    return end;
  }

  private static void pad(MediumAccessor accessor, long from, long to) {
    for (long at = from; at < to; at++) {
      accessor.putByte(at, (byte) 0);
    }
  }

  private static boolean isPadded(MediumAccessor accessor, long from, long to) {
    for (long at = from; at < to; at++) {
      if (accessor.getByte(at) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  List<Object> read(MediumAccessor accessor, long offset, int length) {
    Object[] elements = new Object[checkedCount(accessor, offset, length)];
    long end = firstContent(elements.length);
    for (int i = 0; i < elements.length; i++) {
      if (isFixed()) {
        long at = offset + (long) i * stride;
        elements[i] = element.read(accessor, at, element.fixedSize());
        checkPadded(accessor, at + element.fixedSize(), at + stride);
      } else {
        long start = start(end);
        int next = accessor.getInt(offset + ENDS + (long) i * Integer.BYTES);
        if (next < start || next > length) {
          throw corrupted(
              offset,
              "element %d to end from byte %d to %d".formatted(i, start, length),
              "its end at " + next);
        }
        checkPadded(accessor, offset + end, offset + start);
        elements[i] = element.read(accessor, offset + start, (int) (next - start));
        end = next;
      }
    }
    if (!isFixed() && end != length) {
      throw corrupted(offset, "elements to byte " + length, "elements to byte " + end);
    }
    return List.of(elements);
  }

  /** Reads how many elements there are, which must have room in a length. */
  private int checkedCount(MediumAccessor accessor, long offset, int length) {
    // Before anything is allocated: a nonsensical length must not become a huge array.
    Objects.checkFromIndexSize(offset, Math.max(length, 0), accessor.size());
    if (isFixed()) {
      if (length < 0 || length % stride != 0) {
        throw corrupted(offset, "a multiple of %d bytes".formatted(stride), length + " bytes");
      }
      return length / stride;
    }
    int count = length < ENDS ? -1 : accessor.getInt(offset);
    if (count < 0 || firstContent(count) > length) {
      throw corrupted(
          offset, "a count of what %d bytes hold".formatted(length), count + " elements");
    }
    return count;
  }

  private void checkPadded(MediumAccessor accessor, long from, long to) {
    if (!isPadded(accessor, from, to)) {
      throw corrupted(from, "padding of zeros", "something between elements");
    }
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, List<Object> value) {
    Object[] elements = copy(value);
    return isFixed()
        ? fixedEquals(accessor, offset, length, elements)
        : variableEquals(accessor, offset, length, elements);
  }

  private boolean fixedEquals(MediumAccessor accessor, long offset, int length, Object[] elements) {
    if (length != (long) stride * elements.length) {
      return false;
    }
    int size = element.fixedSize();
    for (int i = 0; i < elements.length; i++) {
      long at = offset + (long) i * stride;
      if (!element.contentEquals(accessor, at, size, elements[i])
          || !isPadded(accessor, at + size, at + stride)) {
        return false;
      }
    }
    return true;
  }

  private boolean variableEquals(
      MediumAccessor accessor, long offset, int length, Object[] elements) {
    long end = firstContent(elements.length);
    if (length < end || accessor.getInt(offset) != elements.length) {
      return false;
    }
    for (int i = 0; i < elements.length; i++) {
      long start = start(end);
      int next = accessor.getInt(offset + ENDS + (long) i * Integer.BYTES);
      if (next < start
          || next > length
          || !isPadded(accessor, offset + end, offset + start)
          || !element.contentEquals(accessor, offset + start, (int) (next - start), elements[i])) {
        return false;
      }
      end = next;
    }
    return end == length;
  }

  @Override
  long hash(List<Object> value, long seed) {
    Object[] elements = copy(value);
    long hash = ContentHash.ofWord(elements.length, seed);
    for (Object each : elements) {
      hash = element.hash(each, hash);
    }
    return hash;
  }

  @Override
  boolean valueEquals(List<Object> a, List<Object> b) {
    Object[] first = copy(a);
    Object[] second = copy(b);
    boolean equal = first.length == second.length;
    for (int i = 0; equal && i < first.length; i++) {
      equal = element.valueEquals(first[i], second[i]);
    }
    return equal;
  }

  @Override
  int valueHash(List<Object> value) {
    int hash = 1;
    for (Object each : copy(value)) {
      hash = 31 * hash + element.valueHash(each);
    }
    return hash;
  }
}
