package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What records may be, what is refused, and what a reader does with anything else. */
class RecordTypeTest {
  private final MediumAccessor accessor = AnonymousMedium.accessor(4096);

  record Account(String owner, long balance) {}

  @SuppressWarnings("ArrayRecordComponent") // compared by content here
  record WithBytes(byte[] key) {}

  record Optional(@Nullable String text, @Nullable Long number, @Nullable Account account) {}

  record Box<T extends Number>(T value) {}

  record HoldsGeneric(int a, List<Object> names) {}

  record HoldsObject(Object object) {}

  record HoldsChars(StringBuilder c) {}

  record HoldsRecordWithChars(HoldsChars inner) {}

  record Loop(int value, @Nullable Loop next) {}

  record Ping(@Nullable Pong pong) {}

  record Pong(@Nullable Ping ping) {}

  record Nothing() {}

  record Twice(Account first, Account second) {}

  /** As private as can be, with a constructor that has become stricter. */
  private record Strict(int value) {
    static boolean lenient;

    private Strict {
      if (!lenient && value < 0) {
        throw new IllegalArgumentException("negative: " + value);
      }
    }
  }

  @SuppressWarnings("UnusedMethod") // the constructor is called when a value is read
  private record Checked(int value) {
    private Checked {
      if (value < 0) {
        throw RecordTypeTest.<RuntimeException>sneaky(new IOException("checked"));
      }
    }
  }

  /** An accessor that does not say what the field holds, which must not matter. */
  record Fickle(String text) {
    @Override
    public String text() {
      return text + "!";
    }
  }

  /** An equality that is not the components'. */
  record CaseBlind(String text) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof CaseBlind blind && text.equalsIgnoreCase(blind.text);
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by content here
  record Huge(byte[] a, byte[] b, byte[] c, byte[] d) {}

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
    throw (E) e;
  }

  @Test
  void unsupportedComponentsAreNamed() {
    assertRefused("component names of record", "java.lang.Object", HoldsGeneric.class);
    assertRefused("component object of record", "java.lang.Object", HoldsObject.class);
    assertRefused("component c of record", "java.lang.StringBuilder", HoldsChars.class);
    assertRefused("component inner of record", "component c of record", HoldsRecordWithChars.class);
  }

  @Test
  void recursiveRecordsAreRefused() {
    assertRefused("component next of record", "is recursive", Loop.class);
    assertRefused("component ping of record", "Ping in ", Ping.class);
    assertEquals(
        "record(first:record(owner:string,balance:long),second:record(owner:string,balance:long))",
        Types.record(Twice.class).signature());
  }

  record Tree(int value, List<Tree> children) {}

  record Numbers(List<BigInteger> numbers) {}

  enum Nobody {}

  /** A number whose methods are the program's. */
  @SuppressWarnings("serial")
  private static final class OwnInteger extends BigInteger {
    OwnInteger() {
      super("7");
    }
  }

  @SuppressWarnings("serial")
  private static final class OwnDecimal extends BigDecimal {
    OwnDecimal() {
      super("7");
    }
  }

  @Test
  void recursionThroughListsIsRefused() {
    assertRefused("component children of record", "is recursive", Tree.class);
  }

  /** What could change, or run code of the program's, while it is stored under a lock. */
  @Test
  void valuesThatMayChangeAreRefused() {
    Type<Numbers> type = Types.record(Numbers.class);
    for (List<BigInteger> changing :
        List.of(
            new ArrayList<>(List.of(BigInteger.ONE)),
            Arrays.asList(BigInteger.ONE),
            Collections.unmodifiableList(new ArrayList<>(List.of(BigInteger.ONE))),
            List.<BigInteger>of(new OwnInteger()))) {
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> type.encodedSize(new Numbers(changing)))
              .toString();
      Object named = changing.get(0) instanceof OwnInteger own ? own : changing;
      assertTrue(message.contains(named.getClass().getName()), message);
    }
    assertThrows(
        IllegalArgumentException.class, () -> Types.BIG_DECIMAL.encodedSize(new OwnDecimal()));
    assertThrows(IllegalArgumentException.class, () -> Types.BIG_INTEGER.hash(new OwnInteger(), 1));
  }

  @Test
  void unchangingListsAreStored() {
    Type<Numbers> type = Types.record(Numbers.class);
    List<BigInteger> three = List.of(BigInteger.ZERO, BigInteger.ONE, BigInteger.TEN);
    for (List<BigInteger> list :
        List.of(
            List.<BigInteger>of(),
            three,
            three.subList(1, 3),
            three.stream().toList(),
            List.copyOf(new ArrayList<>(three)),
            Collections.<BigInteger>emptyList(),
            Collections.singletonList(BigInteger.TWO))) {
      Numbers stored = new Numbers(list);
      assertEquals(stored, type.read(accessor, 8, type.write(accessor, 8, stored)));
    }
  }

  @Test
  @SuppressWarnings("NullAway") // what a program without the checker can do
  void nullElementsAreNamed() {
    List<BigInteger> holed = Stream.of(BigInteger.ONE, null).toList();
    assertNull(
        "element 1 of a list", () -> Types.record(Numbers.class).encodedSize(new Numbers(holed)));
  }

  @Test
  void enumsWithoutConstantsAreRefused() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Types.enumOf(Nobody.class)).toString();
    assertTrue(message.contains(Nobody.class.getName()), message);
  }

  @Test
  void genericAndEmptyRecordsAreRefused() {
    assertRefused("is generic", "Box", Box.class);
    assertRefused("has no components", "Nothing", Nothing.class);
    assertRefused("is no record class", "java.lang.Record", Record.class);
  }

  @Test
  void closedPackageIsNamed() throws ClassNotFoundException {
    // A record of a named module, with components that would do, in a package that is not open.
    Class<?> closed = Class.forName("jdk.internal.foreign.abi.VMStorage");
    assertRefused(
        "module java.base must open the package",
        "opens jdk.internal.foreign.abi to",
        closed.asSubclass(Record.class));
  }

  @Test
  void nullsAreNamed() {
    Type<Optional> type = Types.record(Optional.class);
    Account account = new Account("a", 1);
    assertNull("component text of record", () -> type.encodedSize(new Optional(null, 1L, account)));
    assertNull(
        "component number of record", () -> type.encodedSize(new Optional("", null, account)));
    assertNull("component account of record", () -> type.encodedSize(new Optional("", 1L, null)));
    assertNull(
        "component owner of record",
        () -> type.encodedSize(new Optional("", 1L, new Account(nullString(), 1))));
    assertNull("component text of record", () -> type.hash(new Optional(null, 1L, account), 0));
  }

  @Test
  @SuppressWarnings("NullAway") // what a program without the checker can do
  void nullValuesAreRefusedByEveryType() {
    for (Type<?> type :
        List.of(
            Types.LONG,
            Types.INT,
            Types.DOUBLE,
            Types.STRING,
            Types.BYTES,
            Types.UUID,
            Types.record(Account.class))) {
      assertThrows(NullPointerException.class, () -> type.encodedSize(null), type.signature());
      assertFalse(type.isInstance(null));
    }
  }

  @Test
  void sizesBeyondTheLimitAreRefused() {
    byte[] part = new byte[Integer.MAX_VALUE / 4 + 1];
    Huge huge = new Huge(part, part, part, part);
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> Types.record(Huge.class).encodedSize(huge))
            .toString();
    assertTrue(message.contains("2147483583"), message);
    assertEquals(
        2147483583, Type.checkedSize("string", 2147483583L), "Integer.MAX_VALUE - 64 is allowed");
    assertThrows(IllegalArgumentException.class, () -> Type.checkedSize("string", 2147483584L));
  }

  @Test
  void constructorThatRefusesIsNoCorruption() {
    Type<Strict> type = Types.record(Strict.class);
    Strict.lenient = true;
    type.write(accessor, 0, new Strict(-5));
    assertEquals(new Strict(-5), type.read(accessor, 0, 4));
    Strict.lenient = false;
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> type.read(accessor, 0, 4));
    assertTrue(e.toString().contains(Strict.class.getName()), e.toString());
    assertEquals(
        "negative: -5",
        assertInstanceOf(IllegalArgumentException.class, e.getCause()).getMessage());
  }

  @Test
  void checkedExceptionOfConstructorIsWrapped() {
    Type<Checked> type = Types.record(Checked.class);
    accessor.putInt(0, -1);
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> type.read(accessor, 0, 4));
    assertInstanceOf(IOException.class, e.getCause());
  }

  @Test
  void accessorsAndEqualityOfTheClassAreNotAsked() {
    Type<Fickle> fickle = Types.record(Fickle.class);
    assertEquals(9, fickle.encodedSize(new Fickle("text")));
    assertEquals(9, fickle.write(accessor, 0, new Fickle("text")));

    Type<CaseBlind> blind = Types.record(CaseBlind.class);
    assertFalse(blind.valueEquals(new CaseBlind("a"), new CaseBlind("A")));
  }

  @Test
  void bytesInsideRecordsCompareByContent() {
    Type<WithBytes> type = Types.record(WithBytes.class);
    WithBytes one = new WithBytes(new byte[] {1, 2});
    WithBytes same = new WithBytes(new byte[] {1, 2});
    assertNotEquals(one, same);
    assertTrue(type.valueEquals(one, same));
    assertEquals(type.valueHash(one), type.valueHash(same));
    assertEquals(type.hash(one, 7), type.hash(same, 7));
    int size = type.write(accessor, 0, one);
    assertTrue(type.contentEquals(accessor, 0, size, same));
    assertArrayEquals(one.key(), type.read(accessor, 0, size).key());
  }

  @Test
  void recordsOfMethodsWork() {
    record Local(char c, Integer box, UUID id) {}
    Type<Local> type = Types.record(Local.class);
    Local local = new Local('\u20ac', 3, new UUID(1, 2));
    assertEquals(local, type.read(accessor, 8, type.write(accessor, 8, local)));
  }

  @Test
  void typesAreEqualIfSignatureAndClassAre() {
    record Same(String owner, long balance) {}
    assertEquals(Types.record(Account.class), Types.record(Account.class));
    assertEquals(Types.record(Account.class).hashCode(), Types.record(Account.class).hashCode());
    assertNotEquals(Types.record(Account.class), Types.record(Same.class));
    assertNotEquals(Types.LONG, Types.INT);
  }

  @Test
  void lengthsTagsEndsAndPaddingAreChecked() {
    assertDamage(Types.LONG, 5L, 7, bytes -> {});
    assertDamage(Types.STRING, "abc", 0, bytes -> {});
    assertDamage(Types.STRING, "abc", 4, bytes -> bytes[3] = 0);
    assertDamage(Types.STRING, "abc", 4, bytes -> bytes[3] = 3);
    // Chars that fit in a byte must be stored so, and two bytes make a char.
    assertDamage(
        Types.STRING,
        "abcd",
        5,
        bytes -> {
          bytes[1] = 0;
          bytes[3] = 0;
          bytes[4] = 2;
        });
    assertDamage(Types.STRING, "abc", 4, bytes -> bytes[3] = 2);

    Type<Account> type = Types.record(Account.class);
    Account account = new Account("alice", 1);
    assertDamage(type, account, 15, bytes -> {});
    assertDamage(type, account, 21, bytes -> {});
    assertDamage(type, account, 23, bytes -> {});
    assertDamage(type, account, 22, bytes -> bytes[0]--);
    assertDamage(type, account, 22, bytes -> bytes[0]++);
    assertDamage(type, account, 22, bytes -> bytes[3] = (byte) 0x80);
    assertDamage(type, account, 22, bytes -> bytes[4] = 1);

    Type<Twice> twice = Types.record(Twice.class);
    Twice value = new Twice(account, account);
    assertDamage(twice, value, 54, bytes -> bytes[30] = 1);
    assertDamage(twice, value, 54, bytes -> bytes[0] = 7);
    assertDamage(twice, value, 54, bytes -> bytes[0] = 54);
  }

  /** A block is reused while it is read: any value may come of it, or one exception. */
  @Test
  void blockMayChangeWhileItIsRead() throws InterruptedException {
    Type<Shapes.Deep> type = Types.record(Shapes.Deep.class);
    List<Shapes.Deep> values = List.of(deep("a", 3), deep("\u20acuro", 0), deep("longer", 20));
    int length = type.encodedSize(values.get(0));
    AtomicBoolean stop = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              Random random = new Random(1);
              while (!stop.get()) {
                type.write(accessor, 0, values.get(random.nextInt(values.size())));
                accessor.putByte(random.nextInt(300), (byte) random.nextInt());
              }
            });
    writer.start();
    try {
      for (int i = 0; i < 100_000; i++) {
        Shapes.Deep value = values.get(i % values.size());
        type.contentEquals(accessor, 0, type.encodedSize(value), value);
        Types.STRING.contentEquals(accessor, 0, 9, "abcdefgh");
        try {
          type.read(accessor, 0, length);
          Types.STRING.read(accessor, 0, i % 300);
        } catch (HeapCorruptedException e) {
          // What a reader expects.
        }
      }
    } finally {
      stop.set(true);
      writer.join();
    }
  }

  private static Shapes.Deep deep(String text, int bytes) {
    Shapes.Account account = new Shapes.Account(text, 1, new byte[bytes], true);
    Shapes.Primitives primitives =
        new Shapes.Primitives((byte) 1, 2, true, (short) 3, 'c', 5f, 6, 7d, (byte) 8);
    Shapes.FixedNest fixed =
        new Shapes.FixedNest((byte) 1, new Shapes.Small(1, (byte) 2), new UUID(3, 4), primitives);
    return new Shapes.Deep(
        text,
        account,
        (short) 1,
        new Shapes.Deeper(new Shapes.OneText(text), fixed, account),
        new byte[bytes]);
  }

  private interface Damage {
    void doTo(byte[] bytes);
  }

  private <T> void assertDamage(Type<T> type, T value, int length, Damage damage) {
    byte[] bytes = new byte[type.write(accessor, 0, value)];
    accessor.get(0, bytes, 0, bytes.length);
    damage.doTo(bytes);
    accessor.put(0, bytes, 0, bytes.length);
    assertThrows(HeapCorruptedException.class, () -> type.read(accessor, 0, length));
    assertFalse(type.contentEquals(accessor, 0, length, value));
  }

  private static void assertRefused(String one, String other, Class<? extends Record> refused) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Types.record(refused)).toString();
    assertTrue(message.contains(one), message);
    assertTrue(message.contains(other), message);
  }

  private static void assertNull(String part, org.junit.jupiter.api.function.Executable code) {
    String message = assertThrows(NullPointerException.class, code).toString();
    assertTrue(message.contains(part), message);
  }

  @SuppressWarnings("NullAway") // what a program without the checker can do
  private static String nullString() {
    return null;
  }
}
