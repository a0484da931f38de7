package dev.cairn.btt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapCorruptedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Geometry and info blocks against numbers that the kernel's and PMDK's tools agree with. */
class ArenaInfoTest {
  private static final UUID OWN = new UUID(0x0001020304050607L, 0x08090a0b0c0d0e0fL);
  private static final UUID PARENT = new UUID(0x1011121314151617L, 0x18191a1b1c1d1e1fL);

  private static ArenaInfo info(BttFlavour flavour, long size, int blockSize, boolean hasNext) {
    return new ArenaInfo(
        OWN, PARENT, 0, 1, 1, ArenaGeometry.of(flavour, size, blockSize, 256, hasNext));
  }

  @ParameterizedTest
  @CsvSource({
    "LINUX,     16777216,  512, false,  512,      32458,      32202,            0,     fdb000,     ffb000,     fff000, abd8c52e87633f0f",
    "PMDK,      16777216,  512, false,  512,      32458,      32202,            0,     fdb000,     ffb000,     fff000, abd8c52e87633f0f",
    "LINUX,     67104768,  512, false,  512,     129992,     129736,            0,    3f7b000,    3ffa000,    3ffe000, b5a4756e9060190b",
    "PMDK,      67104768,  512, false,  512,     129992,     129736,            0,    3f7b000,    3ffa000,    3ffe000, b5a4756e9060190b",
    "LINUX,     67104768, 4096, false, 4096,      16360,      16104,            0,    3fea000,    3ffa000,    3ffe000, c384cd6e9063ad4b",
    "PMDK,      67104768, 4096, false, 4096,      16360,      16104,            0,    3fea000,    3ffa000,    3ffe000, c384cd6e9063ad4b",
    "PMDK,      67104768,  520, false,  768,      86886,      86630,            0,    3fa5000,    3ffa000,    3ffe000, babb813e9061694f",
    "LINUX,     67104768,  520, false,  576,     115648,     115392,            0,    3f89000,    3ffa000,    3ffe000, b75751fe90608943",
    "LINUX,   1073741824, 4096, false, 4096,     261881,     261625,            0,   3fefb000,   3fffb000,   3ffff000, 5f28934e445c5b6d",
    "PMDK,    1073741824, 4096, false, 4096,     261881,     261625,            0,   3fefb000,   3fffb000,   3ffff000, 5f28934e445c5b6d",
    "LINUX, 549755813888, 4096,  true, 4096,  134086776,  134086520, 549755813888, 7fe007b000, 7fffffb000, 7ffffff000, 0dbc1cbf74686068",
    "PMDK,      16777216, 4096, false, 4096,       4085,       3829,            0,     ff7000,     ffb000,     fff000, afb453ce87643d65",
    "PMDK,  549755813888,  512, false,  512, 1065418188, 1065417932,            0, 7f01fbb000, 7fffffb000, 7ffffff000, d5f6c0bf05623e90"
  })
  void infoBlocksAreThoseOfTheReference(
      BttFlavour flavour,
      long size,
      int blockSize,
      boolean hasNext,
      int internalBlockSize,
      int internalBlocks,
      int externalBlocks,
      long nextOffset,
      String mapOffset,
      String flogOffset,
      String backupOffset,
      String checksum) {
    ArenaInfo info = info(flavour, size, blockSize, hasNext);
    assertEquals(
        new ArenaGeometry(
            blockSize,
            externalBlocks,
            internalBlockSize,
            internalBlocks,
            256,
            nextOffset,
            4096,
            Long.parseLong(mapOffset, 16),
            Long.parseLong(flogOffset, 16),
            Long.parseLong(backupOffset, 16)),
        info.geometry());
    byte[] block = info.encode();
    assertEquals(
        Long.parseUnsignedLong(checksum, 16),
        ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).getLong(4088));
    assertEquals(info, ArenaInfo.decode(block, 0));
  }

  @Test
  void aPoolOf64MiBHasThatGeometry() {
    ArenaGeometry geometry = info(BttFlavour.PMDK, 67_100_672, 4096, false).geometry();
    assertEquals(16_359, geometry.internalBlocks());
    assertEquals(16_103, geometry.externalBlocks());
    assertEquals(0x3fe9000, geometry.mapOffset());
    assertEquals(0x3ff9000, geometry.flogOffset());
    assertEquals(0x3ffd000, geometry.backupOffset());
  }

  @ParameterizedTest
  @CsvSource({"1,512", "100,512", "513,768", "4104,4352", "8192,8192", "32768,32768"})
  void pmdkRoundsBlocksTo256(int blockSize, long internal) {
    assertEquals(internal, BttFlavour.PMDK.internalBlockSize(blockSize));
  }

  @Test
  void theSignatureIsTheText() {
    byte[] block = info(BttFlavour.LINUX, 1 << 24, 512, false).encode();
    assertEquals(
        "BTT_ARENA_INFO\0\0", new String(Arrays.copyOf(block, 16), StandardCharsets.US_ASCII));
    assertEquals(OWN, ArenaInfo.uuid(block, 16));
    assertEquals(3, block[19]);
  }

  @Test
  void anyFlippedByteIsNoticed() {
    byte[] block = info(BttFlavour.LINUX, 1 << 24, 512, false).encode();
    for (int i = 8; i < block.length; i++) {
      byte[] bad = block.clone();
      bad[i] ^= 0x10;
      assertThrows(HeapCorruptedException.class, () -> ArenaInfo.decode(bad, 0), "byte " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {56, 60, 64, 68, 72, 76, 80, 88, 96, 104, 112})
  void numbersThatContradictThemselvesAreNoticedUnderAGoodChecksum(int field) {
    for (long value : new long[] {-1, 1 << 28 | 1, 0x7fff_f001}) {
      byte[] block = info(BttFlavour.LINUX, 1 << 24, 512, false).encode();
      ByteBuffer view = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
      if (field < 80) {
        view.putInt(field, (int) value);
      } else {
        view.putLong(field, value);
      }
      view.putLong(4088, 0).putLong(4088, Fletcher64.of(block));
      HeapCorruptedException e =
          assertThrows(HeapCorruptedException.class, () -> ArenaInfo.decode(block, 0x2000));
      assertEquals(0x2000, e.offset());
      assertTrue(!e.actual().contains("checksum"), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"4096,512", "65536,512", "8388608,65536"})
  void anArenaWithoutRoomForTheFreeBlocksIsRefused(long size, int blockSize) {
    assertThrows(
        IllegalArgumentException.class,
        () -> ArenaGeometry.of(BttFlavour.PMDK, size, blockSize, 256, false));
  }
}
