package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.heap.spi.MediumAccessor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The format of values, in literal bytes. A change here is a change of the format. */
class TypeLayoutTest {

  record Account(String owner, long balance) {}

  record Renamed(String owner, long balance) {}

  record Padded(byte tag, int count, short kind) {}

  record Words(byte tag, long word, byte last) {}

  record Eight(
      boolean z, byte b, short s, char c, float f, int i, long l, double d, Long box, UUID id) {}

  record Inner(String text, long word) {}

  @SuppressWarnings("ArrayRecordComponent") // compared by content here
  record Outer(byte[] key, Inner inner, int number, Padded padded) {}

  @Test
  void longIsOneLittleEndianWord() {
    assertEquals(8, Types.LONG.fixedSize());
    assertEncoding("0807060504030201", Types.LONG, 0x0102030405060708L);
  }

  @Test
  void intIsFourBytes() {
    assertEquals(4, Types.INT.fixedSize());
    assertEncoding("04030201", Types.INT, 0x01020304);
  }

  @Test
  void doubleIsItsBits() {
    assertEquals(8, Types.DOUBLE.fixedSize());
    assertEncoding("000000000000f03f", Types.DOUBLE, 1.0);
    assertEncoding("0000000000000080", Types.DOUBLE, -0.0);
    assertEncoding("000000000000f87f", Types.DOUBLE, Double.NaN);
    assertEncoding(
        "000000000000f87f", Types.DOUBLE, Double.longBitsToDouble(0x7ff0_0000_0000_0001L));
  }

  @Test
  void uuidIsItsMoreSignificantWordFirst() {
    assertEquals(16, Types.UUID.fixedSize());
    assertEncoding(
        "08070605040302010100000000000080",
        Types.UUID,
        new UUID(0x0102030405060708L, 0x8000000000000001L));
  }

  @Test
  void bytesAreThemselves() {
    assertEquals(-1, Types.BYTES.fixedSize());
    assertEncoding("", Types.BYTES, new byte[0]);
    assertEncoding("ff0001", Types.BYTES, new byte[] {-1, 0, 1});
  }

  @Test
  void narrowStringIsLatin1AndTag1() {
    assertEquals(-1, Types.STRING.fixedSize());
    assertEncoding("01", Types.STRING, "");
    assertEncoding("61ff0001", Types.STRING, "a\u00ff\0");
    assertEncoding("616263646566676869" + "01", Types.STRING, "abcdefghi");
  }

  @Test
  void wideStringIsUtf16AndTag2() {
    assertEncoding("000102", Types.STRING, "\u0100");
    assertEncoding("6100" + "00d8" + "02", Types.STRING, "a\ud800");
    assertEncoding("610062006300ac2064006500" + "02", Types.STRING, "abc\u20acde");
  }

  @Test
  void fixedComponentsLieAtMultiplesOfTheirSize() {
    Type<Padded> type = Types.record(Padded.class);
    assertEquals("record(tag:byte,count:int,kind:short)", type.signature());
    assertEquals(12, type.fixedSize());
    assertEquals(4, type.alignment());
    assertEncoding(
        "01" + "000000" + "05040302" + "0706" + "0000",
        type,
        new Padded((byte) 1, 0x02030405, (short) 0x0607));
  }

  @Test
  void recordWithWordsIsAMultipleOf8() {
    Type<Words> type = Types.record(Words.class);
    assertEquals(24, type.fixedSize());
    assertEquals(8, type.alignment());
    assertEncoding(
        "01" + "00000000000000" + "0200000000000000" + "03" + "00000000000000",
        type,
        new Words((byte) 1, 2, (byte) 3));
  }

  @Test
  void everyKindOfFixedComponent() {
    Type<Eight> type = Types.record(Eight.class);
    assertEquals(
        "record(z:boolean,b:byte,s:short,c:char,f:float,i:int,l:long,d:double,box:long,id:uuid)",
        type.signature());
    assertEquals(56, type.fixedSize());
    assertEncoding(
        "01"
            + "fe"
            + "fdff"
            + "ac20"
            + "0000"
            + "0000803f"
            + "fcffffff"
            + "fbffffffffffffff"
            + "000000000000f03f"
            + "0600000000000000"
            + "0700000000000000"
            + "0800000000000000",
        type,
        new Eight(true, (byte) -2, (short) -3, '\u20ac', 1.0f, -4, -5, 1.0, 6L, new UUID(7, 8)));
  }

  @Test
  void endOfContentStandsForAStringAndContentComesLast() {
    Type<Account> type = Types.record(Account.class);
    assertEquals("record(owner:string,balance:long)", type.signature());
    assertEquals(-1, type.fixedSize());
    assertEncoding(
        "15000000" + "00000000" + "6400000000000000" + "616c6963" + "01",
        type,
        new Account("alic", 100));
  }

  @Test
  void contentOfNestedRecordIsAligned() {
    Type<Outer> type = Types.record(Outer.class);
    assertEquals(
        "record(key:bytes,inner:record(text:string,word:long),number:int,"
            + "padded:record(tag:byte,count:int,kind:short))",
        type.signature());
    assertEquals(8, type.alignment());
    assertEncoding(
        "1a000000" // the key's content: bytes 24 to 26
            + "32000000" // the inner record: bytes 32 to 50
            + "09000000"
            + "01000000"
            + "02000000"
            + "03000000"
            + "0a0b"
            + "000000000000"
            + "12000000"
            + "00000000"
            + "0500000000000000"
            + "78"
            + "01",
        type,
        new Outer(new byte[] {10, 11}, new Inner("x", 5), 9, new Padded((byte) 1, 2, (short) 3)));
  }

  @Test
  void signatureDoesNotNameTheClass() {
    Type<Account> type = Types.record(Account.class);
    Type<Renamed> renamed = Types.record(Renamed.class);
    assertEquals(type.signature(), renamed.signature());
    assertEquals(type.signature(), type.toString());

    MediumAccessor accessor = AnonymousMedium.accessor(64);
    int size = type.write(accessor, 0, new Account("bob", 30));
    assertEquals(new Renamed("bob", 30), renamed.read(accessor, 0, size));
  }

  @Test
  void hashesOfWordsAreFixed() {
    assertEquals(0xE220A8397B1DCDAFL, Types.LONG.hash(0L, 0));
    assertEquals(0xE220A8397B1DCDAFL, Types.INT.hash(-1, -1));
    assertEquals(0xF7E9F3F88CC04AD6L, Types.LONG.hash(42L, 7));
    assertEquals(0x88D7C35BBBF3EDEDL, Types.DOUBLE.hash(1.0, 0));
    assertEquals(0x9678F88D73AE2751L, Types.UUID.hash(new UUID(1, 2), 3));
  }

  @Test
  void hashesOfCharsAndBytesAreFixed() {
    assertEquals(0xB6BF613DBEBB45DCL, Types.STRING.hash("", 5));
    assertEquals(0xB6BF613DBEBB45DCL, Types.BYTES.hash(new byte[0], 5));
    assertEquals(0xBB3B43CC65B187F7L, Types.STRING.hash("alice", 5));
    assertEquals(0xC087106EA2E3AC3EL, Types.STRING.hash("abcdefgh\u20acjklmnop?", 5));
    assertEquals(0x5D7124096A1456D4L, Types.BYTES.hash(new byte[] {-1, 0, 1}, 5));
    assertEquals(
        0x97B43CC86F51B8AAL,
        Types.BYTES.hash(HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112f3"), 5));
    assertEquals(
        0xC78A968D637AA703L, Types.record(Account.class).hash(new Account("alice", 100), 5));
  }

  enum Color {
    RED,
    GREEN
  }

  record Optionals(Optional<String> text, Optional<Long> number) {}

  record Lists(List<String> texts, List<Short> numbers) {}

  @Test
  void smallTypesAreAsInRecords() {
    assertEncoding("01", Types.BOOLEAN, true);
    assertEncoding("fe", Types.BYTE, (byte) -2);
    assertEncoding("feff", Types.SHORT, (short) -2);
    assertEncoding("ac20", Types.CHAR, '\u20ac');
    assertEncoding("0000c07f", Types.FLOAT, Float.NaN);
  }

  @Test
  void instantIsSecondsThenNanoseconds() {
    assertEquals(12, Types.INSTANT.fixedSize());
    assertEncoding("ffffffffffffffff" + "ffc99a3b", Types.INSTANT, Instant.ofEpochSecond(0, -1));
  }

  @Test
  void numbersOfAnySizeHaveAsFewBytesAsWillDo() {
    assertEncoding("00", Types.BIG_INTEGER, BigInteger.ZERO);
    assertEncoding("80", Types.BIG_INTEGER, BigInteger.valueOf(-128));
    assertEncoding("0080", Types.BIG_INTEGER, BigInteger.valueOf(128));
    assertEncoding("02000000" + "00c8", Types.BIG_DECIMAL, new BigDecimal("2.00"));
  }

  @Test
  void enumIsItsName() {
    assertEquals("enum(RED,GREEN)", Types.enumOf(Color.class).signature());
    assertEncoding("475245454e" + "01", Types.enumOf(Color.class), Color.GREEN);
  }

  @Test
  void optionalHasATagBehindIt() {
    Type<Optionals> type = Types.record(Optionals.class);
    assertEquals("record(text:optional(string),number:optional(long))", type.signature());
    assertEncoding(
        "0b000000" + "19000000" + "6101" + "02" + "0000000000" + "0700000000000000" + "02",
        type,
        new Optionals(Optional.of("a"), Optional.of(7L)));
    assertEncoding(
        "09000000" + "11000000" + "01" + "00000000000000" + "01",
        type,
        new Optionals(Optional.empty(), Optional.empty()));
  }

  @Test
  void listHasEndsOnlyIfElementsDifferInSize() {
    assertEncoding(
        "19000000"
            + "1e000000"
            + "02000000"
            + "0e000000"
            + "11000000"
            + "6101"
            + "626301"
            + "00"
            + "0700"
            + "0900",
        Types.record(Lists.class),
        new Lists(List.of("a", "bc"), List.of((short) 7, (short) 9)));
  }

  private static <T> void assertEncoding(String hex, Type<T> type, T value) {
    MediumAccessor accessor = AnonymousMedium.accessor(256);
    assertEquals(hex.length() / 2, type.encodedSize(value));
    byte[] bytes = new byte[type.write(accessor, 8, value)];
    accessor.get(8, bytes, 0, bytes.length);
    assertEquals(hex, HexFormat.of().formatHex(bytes));
  }
}
