package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for all types, all values, and all bytes that pretend to be values. */
class TypeProperties {
  private static final long OFFSET = 64;
  private static final int ROOM = 8192;

  private final MediumAccessor accessor = AnonymousMedium.accessor(OFFSET + ROOM + OFFSET);

  /** Two values of a type, which are equal more often than not. */
  record Pair<T>(Type<T> type, T first, T second) {}

  private static <T> Arbitrary<Pair<?>> pairs(Type<T> type, Arbitrary<T> values) {
    return Combinators.combine(values, values, Arbitraries.integers().between(0, 2))
        .as((a, b, which) -> new Pair<>(type, a, which == 0 ? b : copy(type, a)));
  }

  private static <T> T copy(Type<T> type, T value) {
    int size = type.encodedSize(value);
    MediumAccessor elsewhere = AnonymousMedium.accessor(Math.max(size, 8));
    type.write(elsewhere, 0, value);
    return type.read(elsewhere, 0, size);
  }

  @Provide
  Arbitrary<Pair<?>> pairs() {
    return Arbitraries.oneOf(
        List.of(
            pairs(Types.LONG, Shapes.longs()),
            pairs(Types.INT, Shapes.ints()),
            pairs(Types.DOUBLE, Shapes.doubles()),
            pairs(Types.STRING, Shapes.strings()),
            pairs(Types.BYTES, Shapes.bytes()),
            pairs(Types.UUID, Shapes.uuids()),
            pairs(Types.BOOLEAN, Arbitraries.of(true, false)),
            pairs(Types.BYTE, Arbitraries.bytes()),
            pairs(Types.SHORT, Arbitraries.shorts()),
            pairs(Types.CHAR, Arbitraries.chars()),
            pairs(Types.FLOAT, Shapes.floats()),
            pairs(Types.INSTANT, Shapes.instants()),
            pairs(Types.BIG_INTEGER, Shapes.integers()),
            pairs(Types.BIG_DECIMAL, Shapes.decimals()),
            pairs(Types.enumOf(Shapes.Color.class), Shapes.colors()),
            pairs(Types.record(Shapes.Rich.class), Shapes.riches()),
            pairs(Types.record(Shapes.Primitives.class), Shapes.primitives()),
            pairs(Types.record(Shapes.Boxes.class), Shapes.boxes()),
            pairs(Types.record(Shapes.Small.class), Shapes.smalls()),
            pairs(Types.record(Shapes.FixedNest.class), Shapes.fixedNests()),
            pairs(Types.record(Shapes.Account.class), Shapes.accounts()),
            pairs(Types.record(Shapes.OneText.class), Shapes.texts()),
            pairs(Types.record(Shapes.Deep.class), Shapes.deeps())));
  }

  @Property(tries = 4000)
  void whatIsWrittenIsReadAgain(@ForAll("pairs") Pair<?> pair) {
    readsAgain(pair.type(), pair);
  }

  private <T> void readsAgain(Type<T> type, Pair<?> pair) {
    T value = type.javaType().cast(pair.first());
    int size = type.encodedSize(value);
    assertEquals(size, type.write(accessor, OFFSET, value));
    T read = type.read(accessor, OFFSET, size);

    assertTrue(type.isInstance(read));
    assertTrue(type.valueEquals(value, read), () -> value + " became " + read);
    assertTrue(type.valueEquals(read, value));
    assertTrue(type.contentEquals(accessor, OFFSET, size, value));
    if (type.fixedSize() != Type.VARIABLE) {
      assertEquals(type.fixedSize(), size);
    }
  }

  @Property(tries = 2000)
  void nothingIsStoredOutsideTheSize(@ForAll("pairs") Pair<?> pair) {
    storesInside(pair.type(), pair);
  }

  private <T> void storesInside(Type<T> type, Pair<?> pair) {
    T value = type.javaType().cast(pair.first());
    accessor.fill(0, accessor.size(), AnonymousMedium.LITTER);
    int size = type.write(accessor, OFFSET, value);
    for (long i = 0; i < OFFSET; i++) {
      assertEquals(AnonymousMedium.LITTER, accessor.getByte(i));
      assertEquals(AnonymousMedium.LITTER, accessor.getByte(OFFSET + size + i));
    }
  }

  @Property(tries = 4000)
  void valuesEncodingsAndHashesAgree(@ForAll("pairs") Pair<?> pair, @ForAll long seed) {
    agree(pair.type(), pair, seed);
  }

  private <T> void agree(Type<T> type, Pair<?> pair, long seed) {
    T first = type.javaType().cast(pair.first());
    T second = type.javaType().cast(pair.second());
    boolean equal = type.valueEquals(first, second);
    byte[] firstBytes = encode(type, first);
    byte[] secondBytes = encode(type, second);

    assertEquals(equal, java.util.Arrays.equals(firstBytes, secondBytes));
    accessor.put(OFFSET, firstBytes, 0, firstBytes.length);
    assertEquals(equal, type.contentEquals(accessor, OFFSET, firstBytes.length, second));
    assertEquals(equal, type.hash(first, seed) == type.hash(second, seed));
    if (equal) {
      assertEquals(type.valueHash(first), type.valueHash(second));
    }
    for (int length : new int[] {-1, 0, firstBytes.length - 1, firstBytes.length + 1}) {
      if (length != firstBytes.length) {
        assertFalse(type.contentEquals(accessor, OFFSET, length, first));
      }
    }
  }

  @Property(tries = 4000)
  void damagedBytesAreReadOrRefused(@ForAll("pairs") Pair<?> pair, @ForAll Random random) {
    Type<?> type = pair.type();
    byte[] bytes = encodeFirst(type, pair);
    for (int i = 0; i < 8; i++) {
      byte[] damaged = bytes.clone();
      for (int hits = random.nextInt(3); hits >= 0 && damaged.length > 0; hits--) {
        damaged[random.nextInt(damaged.length)] = interesting(random);
      }
      readOrRefuse(type, damaged, lengthNear(damaged.length, random));
    }
  }

  @Property(tries = 2000)
  void randomBytesAreReadOrRefused(@ForAll("pairs") Pair<?> pair, @ForAll Random random) {
    for (int i = 0; i < 8; i++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      if (random.nextBoolean()) {
        for (int j = 0; j < bytes.length; j++) {
          bytes[j] = interesting(random);
        }
      }
      readOrRefuse(pair.type(), bytes, lengthNear(bytes.length, random));
    }
  }

  /** What is not refused is the encoding of what was read: to the byte. */
  private <T> void readOrRefuse(Type<T> type, byte[] bytes, int length) {
    accessor.put(OFFSET, bytes, 0, bytes.length);
    T read;
    try {
      read = type.read(accessor, OFFSET, length);
    } catch (HeapCorruptedException e) {
      assertTrue(e.offset() >= OFFSET && e.offset() <= OFFSET + Math.max(length, 0));
      return;
    } catch (IndexOutOfBoundsException e) {
      assertTrue(length > ROOM, () -> "not out of bounds: length " + length);
      return;
    }
    assertTrue(type.contentEquals(accessor, OFFSET, length, read));
    byte[] before = new byte[length];
    accessor.get(OFFSET, before, 0, length);
    assertArrayEquals(before, encode(type, read));
  }

  private <T> byte[] encodeFirst(Type<T> type, Pair<?> pair) {
    return encode(type, type.javaType().cast(pair.first()));
  }

  private static <T> byte[] encode(Type<T> type, T value) {
    MediumAccessor elsewhere = AnonymousMedium.accessor(ROOM);
    byte[] bytes = new byte[type.write(elsewhere, 0, value)];
    elsewhere.get(0, bytes, 0, bytes.length);
    return bytes;
  }

  private static byte interesting(Random random) {
    return random.nextBoolean() ? (byte) random.nextInt(24) : (byte) random.nextInt();
  }

  private static int lengthNear(int length, Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(length + 1);
      case 1 -> length + 1 + random.nextInt(9);
      case 2 -> random.nextInt();
      case 3 -> random.nextInt(4) - 3;
      default -> length;
    };
  }
}
