package dev.cairn.collections;

import static java.lang.invoke.MethodType.methodType;

import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The primitive components of records. As <em>bits</em> they are longs: integers and chars widened,
 * false and true as 0 and 1, floating-point numbers as their raw bits, widened.
 */
enum Primitive {
  LONG(long.class, Long.BYTES),
  INT(int.class, Integer.BYTES),
  DOUBLE(double.class, Double.BYTES),
  BOOLEAN(boolean.class, 1),
  BYTE(byte.class, Byte.BYTES),
  SHORT(short.class, Short.BYTES),
  CHAR(char.class, Character.BYTES),
  FLOAT(float.class, Float.BYTES);

  private final Class<?> javaType;
  private final int size;

  Primitive(Class<?> javaType, int size) {
    this.javaType = javaType;
    this.size = size;
  }

  /** Returns the constant for a class, or null if it is no primitive that a record may hold. */
  static @Nullable Primitive of(Class<?> javaType) {
    for (Primitive primitive : values()) {
      if (primitive.javaType == javaType) {
        return primitive;
      }
    }
    return null;
  }

  String signature() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the size in bytes, which is the alignment too. */
  int size() {
    return size;
  }

  /** Stores bits. */
  void write(MediumAccessor accessor, long offset, long bits) {
    switch (this) {
      case LONG, DOUBLE -> accessor.putWord(offset, bits);
      case INT, FLOAT -> accessor.putInt(offset, (int) bits);
      case SHORT, CHAR -> {
        accessor.putByte(offset, (byte) bits);
        accessor.putByte(offset + 1, (byte) (bits >>> 8));
      }
      case BOOLEAN, BYTE -> accessor.putByte(offset, (byte) bits);
    }
  }

  /** Reads bits, which are not yet checked. */
  long read(MediumAccessor accessor, long offset) {
    return switch (this) {
      case LONG, DOUBLE -> accessor.getLong(offset);
      case INT, FLOAT -> accessor.getInt(offset);
      case SHORT -> (short) readTwoBytes(accessor, offset);
      case CHAR -> (char) readTwoBytes(accessor, offset);
      case BOOLEAN, BYTE -> accessor.getByte(offset);
    };
  }

  /** Tells whether a value has these bits: not so for most booleans, and all NaNs but one. */
  boolean isCanonical(long bits) {
    return switch (this) {
      case BOOLEAN -> bits == 0 || bits == 1;
      case DOUBLE -> Double.doubleToLongBits(Double.longBitsToDouble(bits)) == bits;
      case FLOAT -> Float.floatToIntBits(Float.intBitsToFloat((int) bits)) == bits;
      case LONG, INT, BYTE, SHORT, CHAR -> true;
    };
  }

  /** Returns {@code (primitive)long}: the bits of a value. */
  MethodHandle toBits() {
    return switch (this) {
      case DOUBLE -> convert(Double.class, "doubleToLongBits", double.class, long.class);
      case FLOAT ->
          convert(Float.class, "floatToIntBits", float.class, int.class)
              .asType(methodType(long.class, float.class));
      default ->
          MethodHandles.explicitCastArguments(
              MethodHandles.identity(long.class), methodType(long.class, javaType));
    };
  }

  /** Returns {@code (long)primitive}: the value that has these bits. */
  MethodHandle fromBits() {
    return switch (this) {
      case DOUBLE -> convert(Double.class, "longBitsToDouble", long.class, double.class);
      case FLOAT ->
          MethodHandles.explicitCastArguments(
              convert(Float.class, "intBitsToFloat", int.class, float.class),
              methodType(float.class, long.class));
      default ->
          MethodHandles.explicitCastArguments(
              MethodHandles.identity(long.class), methodType(javaType, long.class));
    };
  }

  private static int readTwoBytes(MediumAccessor accessor, long offset) {
    return (accessor.getByte(offset) & 0xFF) | accessor.getByte(offset + 1) << 8;
  }

  private static MethodHandle convert(Class<?> owner, String name, Class<?> from, Class<?> to) {
    try {
      return MethodHandles.publicLookup().findStatic(owner, name, methodType(to, from));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
