package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.heap.PersistentMemoryException;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class SuperblockProperties {

  @Property
  void everySuperblockIsReadBackAsItWas(
      @ForAll long features,
      @ForAll long sequence,
      @ForAll long high,
      @ForAll long low,
      @ForAll @LongRange(min = 8, max = 1 << 12) long chunks,
      @ForAll @LongRange(min = 0, max = 1 << 12) long room,
      @ForAll boolean closed) {
    long size = chunks << 18;
    Superblock written =
        new Superblock(features, sequence, new UUID(high, low), size, size + (room << 18), closed);
    assertEquals(
        written, Superblock.decode(SuperblockTest.slots(written, written), size, "property"));
  }

  @Property
  void damageOfWhateverKindToOneSlotCostsNothing(
      @ForAll @IntRange(min = 0, max = 1) int slot,
      @ForAll @IntRange(max = 127) int at,
      @ForAll @Size(max = 60) byte[] garbage) {
    Superblock written = Superblock.ofNewHeap(UUID.randomUUID(), 4 << 20, 8 << 20);
    byte[] slots = SuperblockTest.slots(written, written);
    System.arraycopy(garbage, 0, slots, slot * 4096 + at, garbage.length);
    boolean marker = slot == 0 && Superblock.isUnfinishedCreation(slots, 1 << 30);
    if (!marker) {
      assertEquals(written, SuperblockTest.decode(slots));
    }
  }

  @Property
  void randomBytesAreNeverAHeap(@ForAll @Size(128) byte[] garbage) {
    byte[] slots = new byte[8192];
    System.arraycopy(garbage, 0, slots, 0, 128);
    System.arraycopy(garbage, 0, slots, 4096, 128);
    assertThrows(PersistentMemoryException.class, () -> SuperblockTest.decode(slots));
    byte[] magic = Superblock.ofNewHeap(UUID.randomUUID(), 4 << 20, 8 << 20).encode();
    System.arraycopy(magic, 0, slots, 0, 8);
    assertThrows(PersistentMemoryException.class, () -> SuperblockTest.decode(slots));
  }
}
