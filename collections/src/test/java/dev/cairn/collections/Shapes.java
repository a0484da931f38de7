package dev.cairn.collections;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Records of many shapes, and arbitrary values of all types. */
final class Shapes {

  private Shapes() {}

  /** Every primitive, in an order that needs padding inside and at the end. */
  record Primitives(
      byte b, long l, boolean z, short s, char c, float f, int i, double d, byte last) {}

  record Boxes(Integer i, Long l, Double d) {}

  /** Eight bytes at an alignment of four. */
  record Small(int a, byte b) {}

  record FixedNest(byte b, Small small, UUID id, Primitives primitives) {}

  /** Two variable components around fixed ones. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content here
  record Account(String owner, long balance, byte[] key, boolean open) {}

  record OneText(String text) {}

  /** Records whose content is aligned to 8 after strings whose content is not. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content here
  record Deep(String name, Account account, short number, Deeper deeper, byte[] tail) {}

  record Deeper(OneText text, FixedNest fixed, Account account) {}

  static Arbitrary<Long> longs() {
    return Arbitraries.longs();
  }

  static Arbitrary<Integer> ints() {
    return Arbitraries.integers();
  }

  /** Any bits at all: every NaN, both zeros, infinities. */
  static Arbitrary<Double> doubles() {
    return Arbitraries.oneOf(
        Arbitraries.of(0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.MIN_VALUE),
        Arbitraries.longs().map(Double::longBitsToDouble),
        Arbitraries.longs()
            .between(0x7ff0_0000_0000_0001L, 0x7fff_ffff_ffff_ffffL)
            .map(Double::longBitsToDouble));
  }

  static Arbitrary<Float> floats() {
    return Arbitraries.oneOf(
        Arbitraries.of(0.0f, -0.0f, Float.NaN), Arbitraries.integers().map(Float::intBitsToFloat));
  }

  /** Narrow strings, wide ones, halves of surrogate pairs, and one wide char at any place. */
  enum Color {
    RED,
    GREEN,
    B
  }

  record Richer(List<Account> accounts, Optional<BigDecimal> number) {}

  record Rich(
      Instant at,
      Color color,
      Optional<String> text,
      List<String> texts,
      List<Small> smalls,
      Richer richer) {}

  static Arbitrary<String> strings() {
    Arbitrary<String> narrow = Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(40);
    Arbitrary<String> any = Arbitraries.strings().withCharRange('\0', '\uffff').ofMaxLength(40);
    Arbitrary<String> surrogates =
        Arbitraries.strings().withCharRange('\ud800', '\udfff').ofMaxLength(10);
    Arbitrary<String> mostlyNarrow =
        Combinators.combine(narrow, Arbitraries.chars().range('\u0100', '\uffff'), narrow)
            .as((before, c, after) -> before + c + after);
    Arbitrary<String> few = Arbitraries.strings().withChars('a', '\0', '\u0100').ofMaxLength(3);
    Arbitrary<String> questions =
        Arbitraries.strings().withChars('?', '>', '\u013f', '\u00bf', '@').ofMaxLength(60);
    Arbitrary<String> repeated =
        Combinators.combine(few, Arbitraries.integers().between(1, 40)).as(String::repeat);
    return Arbitraries.oneOf(narrow, any, surrogates, mostlyNarrow, few, questions, repeated);
  }

  static Arbitrary<byte[]> bytes() {
    return Arbitraries.oneOf(
        Arbitraries.bytes().array(byte[].class).ofMaxSize(70),
        Arbitraries.of((byte) 0, (byte) 1).array(byte[].class).ofMaxSize(3));
  }

  static Arbitrary<UUID> uuids() {
    return Combinators.combine(longs(), longs()).as(UUID::new);
  }

  static Arbitrary<Primitives> primitives() {
    return Combinators.combine(
            Arbitraries.bytes(),
            longs(),
            Arbitraries.of(true, false),
            Arbitraries.shorts(),
            Arbitraries.chars(),
            floats(),
            ints(),
            doubles())
        .as((b, l, z, s, c, f, i, d) -> new Primitives(b, l, z, s, c, f, i, d, (byte) ~b));
  }

  static Arbitrary<Boxes> boxes() {
    return Combinators.combine(ints(), longs(), doubles()).as(Boxes::new);
  }

  static Arbitrary<Small> smalls() {
    return Combinators.combine(ints(), Arbitraries.bytes()).as(Small::new);
  }

  static Arbitrary<FixedNest> fixedNests() {
    return Combinators.combine(Arbitraries.bytes(), smalls(), uuids(), primitives())
        .as(FixedNest::new);
  }

  static Arbitrary<Account> accounts() {
    return Combinators.combine(strings(), longs(), bytes(), Arbitraries.of(true, false))
        .as(Account::new);
  }

  static Arbitrary<Instant> instants() {
    return Combinators.combine(
            Arbitraries.longs().between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
            Arbitraries.integers().between(0, 999_999_999))
        .as(Instant::ofEpochSecond);
  }

  static Arbitrary<BigInteger> integers() {
    return Arbitraries.oneOf(
        longs().map(BigInteger::valueOf),
        Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(40).map(BigInteger::new));
  }

  static Arbitrary<BigDecimal> decimals() {
    return Combinators.combine(integers(), ints()).as(BigDecimal::new);
  }

  static Arbitrary<Color> colors() {
    return Arbitraries.of(Color.class);
  }

  static Arbitrary<Rich> riches() {
    return Combinators.combine(
            instants(),
            colors(),
            strings().optional(),
            strings().list().ofMaxSize(4).map(List::copyOf),
            smalls().list().ofMaxSize(4).map(List::copyOf),
            Combinators.combine(accounts().list().ofMaxSize(2), decimals())
                .as((list, number) -> new Richer(List.copyOf(list), Optional.of(number))))
        .as(Rich::new);
  }

  static Arbitrary<OneText> texts() {
    return strings().map(OneText::new);
  }

  static Arbitrary<Deep> deeps() {
    return Combinators.combine(
            strings(),
            accounts(),
            Arbitraries.shorts(),
            Combinators.combine(texts(), fixedNests(), accounts()).as(Deeper::new),
            bytes())
        .as(Deep::new);
  }
}
