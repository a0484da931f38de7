package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.PersistentMemoryException;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Flips the bytes of superblocks, in memory that stands for a file. */
class HeapFileDamageTest {
  private static final long SIZE = 2L << 20;

  private MemoryMedium medium;
  private MediumAccessor accessor;
  private Superblock expected;
  private byte[] good;

  @BeforeEach
  void createHeap() throws IOException {
    medium = MemoryMedium.anonymous(SIZE, 4 * SIZE);
    accessor = new MediumAccessor(medium);
    HeapFile heap = HeapFile.create(medium, HeapOptions.defaults());
    heap.markInUse();
    good = slots();
    expected = Superblock.decode(good, SIZE, "good");
  }

  @AfterEach
  void close() {
    medium.close();
  }

  @Test
  void anyByteOfOneSlotMayBeLost() {
    for (int at = 0; at < 8192; at++) {
      for (int flip : new int[] {0x01, 0x80, 0xff}) {
        accessor.putByte(at, (byte) (good[at] ^ flip));
        HeapFile heap = HeapFile.open(medium, HeapOptions.defaults());
        assertEquals(expected.uuid(), heap.uuid());
        assertEquals(SIZE, heap.size());
        assertEquals(4 * SIZE, heap.maximumSize());
        assertEquals(false, heap.wasClosedCleanly());
        assertArrayEquals(good, slots(), "repaired after damage at " + at);
      }
    }
  }

  @Test
  void theSameByteOfBothIsNoticedAndNothingWritten() {
    for (int at = 0; at < 128; at++) {
      accessor.putByte(at, (byte) (good[at] ^ 0x10));
      accessor.putByte(4096 + at, (byte) (good[at] ^ 0x10));
      byte[] bad = slots();
      Class<? extends PersistentMemoryException> type =
          at < 8 ? PersistentMemoryException.class : HeapCorruptedException.class;
      assertThrows(type, () -> HeapFile.open(medium, HeapOptions.defaults()), "byte " + at);
      assertArrayEquals(bad, slots());
      accessor.put(0, good, 0, good.length);
    }
  }

  @Test
  void aSmallerMediumThanTheHeapIsNoticed() throws IOException {
    try (MemoryMedium small = MemoryMedium.anonymous(SIZE / 2, 4 * SIZE)) {
      new MediumAccessor(small).put(0, good, 0, good.length);
      assertThrows(
          HeapCorruptedException.class, () -> HeapFile.open(small, HeapOptions.defaults()));
    }
    try (MemoryMedium narrow = MemoryMedium.anonymous(SIZE, SIZE)) {
      new MediumAccessor(narrow).put(0, good, 0, good.length);
      assertThrows(
          IllegalArgumentException.class, () -> HeapFile.open(narrow, HeapOptions.defaults()));
    }
  }

  private byte[] slots() {
    byte[] slots = new byte[8192];
    accessor.get(0, slots, 0, slots.length);
    return slots;
  }
}
