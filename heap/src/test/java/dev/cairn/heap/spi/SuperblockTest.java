package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuperblockTest {
  private static final Superblock SAMPLE =
      new Superblock(
          0,
          0x1122_3344_5566_7788L,
          new UUID(0x0102_0304_0506_0708L, 0x090a_0b0c_0d0e_0f10L),
          0x40_0000,
          0x4000_0000,
          true);

  /** The table in the design, section 4, in bytes. */
  @Test
  void liesAsTheFormatSays() {
    String expected =
        "434149524e1a0d0a" // magic
            + "02000000" // version
            + "00000000" // reserved
            + "0000000000000000" // compatible features
            + "0000000000000000" // incompatible features
            + "8877665544332211" // sequence
            + "0807060504030201" // UUID
            + "100f0e0d0c0b0a09"
            + "0000400000000000" // size
            + "0000004000000000" // maximum size
            + "0000010000000000" // lanes offset
            + "4000000000000000" // lane count
            + "0020000000000000" // lane size
            + "0000100000000000" // zones offset
            + "0000040000000000" // chunk size
            + "0200000000000000"; // state
    byte[] encoded = SAMPLE.encode();
    assertEquals(128, encoded.length);
    assertEquals(expected, HexFormat.of().formatHex(encoded, 0, 120));
    assertEquals(1, SAMPLE.withClosedCleanly(false).encode()[112]);
  }

  @Test
  void sumsAsTheFormatSays() {
    byte[] encoded = SAMPLE.encode();
    ByteBuffer words = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    long sum = 128;
    for (int at = 0; at < 120; at += 8) {
      sum = (sum ^ words.getLong(at)) * 0x9e3779b97f4a7c15L;
      sum ^= sum >>> 32;
    }
    assertEquals(sum, words.getLong(120));
  }

  @Test
  void marksACreationByTheInverseOfTheMagic() {
    byte[] magic = Arrays.copyOf(SAMPLE.encode(), 8);
    byte[] marker = Superblock.creationMarker();
    for (int i = 0; i < 8; i++) {
      assertEquals((byte) ~magic[i], marker[i]);
    }
  }

  @Test
  void isReadBackFromEitherSlot() {
    byte[] slots = slots(SAMPLE, SAMPLE);
    assertEquals(SAMPLE, decode(slots));
    assertTrue(SAMPLE.isHeldBy(slots, 0));
    assertTrue(SAMPLE.isHeldBy(slots, 1));
    Arrays.fill(slots, 0, 4096, (byte) 0);
    assertEquals(SAMPLE, decode(slots));
    assertFalse(SAMPLE.isHeldBy(slots, 0));
    slots = slots(SAMPLE, SAMPLE);
    Arrays.fill(slots, 4096, 8192, (byte) 0x5a);
    assertEquals(SAMPLE, decode(slots));
  }

  @Test
  void isTheNewerOfTwo() {
    Superblock newer = SAMPLE.withSize(0x80_0000);
    assertEquals(newer, decode(slots(SAMPLE, newer)));
    assertEquals(newer, decode(slots(newer, SAMPLE)));
  }

  @Test
  void isCorruptedIfTheCopiesContradict() {
    Superblock other =
        new Superblock(0, SAMPLE.sequence(), SAMPLE.uuid(), 0x80_0000, 0x4000_0000, true);
    assertThrows(HeapCorruptedException.class, () -> decode(slots(SAMPLE, other)));
    Superblock foreign =
        new Superblock(0, SAMPLE.sequence() + 1, new UUID(1, 2), 0x40_0000, 0x4000_0000, true);
    assertThrows(HeapCorruptedException.class, () -> decode(slots(SAMPLE, foreign)));
  }

  @Test
  void isCorruptedIfBothChecksumsAreWrong() {
    byte[] slots = slots(SAMPLE, SAMPLE);
    slots[56]++;
    slots[4096 + 56]++;
    HeapCorruptedException e = assertThrows(HeapCorruptedException.class, () -> decode(slots));
    assertTrue(String.valueOf(e.getMessage()).contains("checksum"), e.getMessage());
  }

  @Test
  void isNoHeapWithoutMagic() {
    assertThrows(HeapFormatException.class, () -> decode(new byte[8192]));
    byte[] text = new byte[8192];
    Arrays.fill(text, (byte) 'x');
    assertThrows(HeapFormatException.class, () -> decode(text));
  }

  @Test
  void isUnfinishedUnderTheMarkerWhateverTheOtherSlotHolds() {
    byte[] slots = slots(SAMPLE, SAMPLE);
    System.arraycopy(Superblock.creationMarker(), 0, slots, 0, 8);
    HeapFormatException e = assertThrows(HeapFormatException.class, () -> decode(slots));
    assertTrue(String.valueOf(e.getMessage()).contains("never finished"), e.getMessage());
    assertThrows(HeapFormatException.class, () -> Superblock.decode(new byte[8192], 0, "x"));
  }

  @ParameterizedTest
  @CsvSource({"8, 3", "8, 1", "8, 0", "24, 1", "24, 4096", "28, 1"})
  void isRefusedForAnUnknownVersionOrFeature(int at, int value) {
    byte[] slots = slots(SAMPLE, SAMPLE);
    ByteBuffer.wrap(slots).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    reseal(slots, 0);
    System.arraycopy(slots, 0, slots, 4096, 128);
    HeapFormatException e = assertThrows(HeapFormatException.class, () -> decode(slots));
    assertTrue(
        String.valueOf(e.getMessage()).contains(at == 8 ? "format version " + value : "features"),
        e.getMessage());
  }

  @Test
  void mayHaveUnknownCompatibleFeatures() {
    Superblock later =
        new Superblock(6, 9, SAMPLE.uuid(), SAMPLE.size(), SAMPLE.maximumSize(), false);
    byte[] slots = slots(later, later);
    slots[500] = 1;
    assertEquals(later, decode(slots));
    assertTrue(later.isHeldBy(slots, 0));
    assertEquals(6, later.withSize(0x80_0000).compatibleFeatures());
  }

  @ParameterizedTest
  @CsvSource({
    "56, 4194305, size 0x400001, multiple of 0x40000",
    "56, 0, size 0x0, 0x200000",
    "56, -262144, size 0x, 0x200000",
    "56, 1048576, size 0x100000, 0x200000",
    "56, 1073745920, size 0x40001000, multiple of 0x40000",
    "56, 1074003968, size 0x40040000, 0x40000000",
    "64, 1, maximum size 0x1, multiple of",
    "64, 140737488355328, maximum size 0x800000000000, 0x400000000000",
    "72, 0, lanes offset 0x0, 0x10000",
    "80, 63, lane count 0x3f, 0x40",
    "88, 4096, lane size 0x1000, 0x2000",
    "96, 8192, zones offset 0x2000, 0x100000",
    "104, 4096, chunk size 0x1000, 0x40000",
    "112, 0, state 0x0, 1 or 2",
    "112, 3, state 0x3, 1 or 2"
  })
  void isCorruptedByImpossibleValues(int at, long value, String found, String limit) {
    byte[] slots = slots(SAMPLE, SAMPLE);
    ByteBuffer.wrap(slots).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    reseal(slots, 0);
    System.arraycopy(slots, 0, slots, 4096, 128);
    HeapCorruptedException e = assertThrows(HeapCorruptedException.class, () -> decode(slots));
    assertEquals("superblock", e.structure());
    assertEquals(at, e.offset());
    assertTrue(String.valueOf(e.getMessage()).contains(found), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains(limit), e.getMessage());
  }

  @Test
  void isCorruptedIfTheFileIsShorter() {
    byte[] slots = slots(SAMPLE, SAMPLE);
    HeapCorruptedException e =
        assertThrows(
            HeapCorruptedException.class, () -> Superblock.decode(slots, 0x3f_ffff, "short"));
    assertTrue(String.valueOf(e.getMessage()).contains("truncated"), e.getMessage());
    assertEquals(SAMPLE, Superblock.decode(slots, 0x40_0000, "exact"));
  }

  @Test
  void countsItsUpdates() {
    assertEquals(SAMPLE.sequence() + 1, SAMPLE.withSize(0x80_0000).sequence());
    assertEquals(SAMPLE.sequence() + 1, SAMPLE.withClosedCleanly(false).sequence());
    assertArrayEquals(SAMPLE.encode(), SAMPLE.encode());
  }

  static Superblock decode(byte[] slots) {
    return Superblock.decode(slots, 1L << 30, "sample");
  }

  static byte[] slots(Superblock first, Superblock second) {
    byte[] slots = new byte[8192];
    System.arraycopy(first.encode(), 0, slots, 0, 128);
    System.arraycopy(second.encode(), 0, slots, 4096, 128);
    return slots;
  }

  /** Makes the checksum of a slot right, as a writer with other ideas would. */
  static void reseal(byte[] slots, int base) {
    ByteBuffer words = ByteBuffer.wrap(slots).order(ByteOrder.LITTLE_ENDIAN);
    long sum = 128;
    for (int at = 0; at < 120; at += 8) {
      sum = (sum ^ words.getLong(base + at)) * 0x9e3779b97f4a7c15L;
      sum ^= sum >>> 32;
    }
    words.putLong(base + 120, sum);
  }
}
