package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Constants of an enum: their names, as strings, whatever the order of the constants. */
final class EnumType<E extends Enum<E>> extends Type<E> {
  private static final Type<String> NAME = Types.STRING;

  private final Map<String, E> constants = new HashMap<>();

  private EnumType(String signature, Class<E> enumClass) {
    super(signature, enumClass, VARIABLE, NAME.alignment());
    for (E constant : enumClass.getEnumConstants()) {
      constants.put(constant.name(), constant);
    }
  }

  static <E extends Enum<E>> EnumType<E> of(Class<E> enumClass) {
    E[] constants = enumClass.getEnumConstants();
    if (constants == null || constants.length == 0) {
      throw new IllegalArgumentException(
          "%s: must be an enum that has constants".formatted(enumClass.getName()));
    }
    String names = Arrays.stream(constants).map(Enum::name).collect(Collectors.joining(","));
    return new EnumType<>("enum(" + names + ")", enumClass);
  }

  @Override
  int encodedSize(E value) {
    return NAME.encodedSize(value.name());
  }

  @Override
  int write(MediumAccessor accessor, long offset, E value) {
    return NAME.write(accessor, offset, value.name());
  }

  @Override
  E read(MediumAccessor accessor, long offset, int length) {
    String name = NAME.read(accessor, offset, length);
    E constant = constants.get(name);
    if (constant == null) {
      throw corrupted(offset, "the name of a constant", Catalog.quoted(name));
    }
    return constant;
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, E value) {
    return NAME.contentEquals(accessor, offset, length, value.name());
  }

  @Override
  long hash(E value, long seed) {
    return NAME.hash(value.name(), seed);
  }

  @Override
  boolean valueEquals(E a, E b) {
    return a == b;
  }

  @Override
  int valueHash(E value) {
    return value.name().hashCode();
  }
}
