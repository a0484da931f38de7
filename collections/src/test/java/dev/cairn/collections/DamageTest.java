package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.tx.spi.Transactions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Damage planted word by word: verify finds it and names it, and reading it is no wrong answer. */
class DamageTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 6 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentHashMap<Long, byte[]> map =
      heap.map("map", Types.LONG, Types.BYTES, Collisions.SEED);
  private final PersistentArrayList<String> list = heap.list("list", Types.STRING);

  /** The first slot of a segment that names an entry of a key of 8 bytes. */
  private long slot() {
    for (long block : allocated(BlockHeader.SEGMENT)) {
      for (long at = 8; at < HashMapLayout.SMALL_SEGMENT_SIZE; at = HashMapLayout.nextSlot(at)) {
        long slot = medium.getLong(block + at);
        if (slot != 0
            && HashMapLayout.keyLength(
                    medium.getLong(HashMapLayout.entry(slot) + HashMapLayout.ENTRY_LENGTHS))
                == 8) {
          return block + at;
        }
      }
    }
    throw new AssertionError("no entry");
  }

  /** The segment in which that slot lies. */
  private long segment() {
    long slot = slot();
    return allocated(BlockHeader.SEGMENT).stream()
        .filter(block -> slot > block && slot < block + HashMapLayout.SMALL_SEGMENT_SIZE)
        .findFirst()
        .orElseThrow();
  }

  /** All allocated blocks of a kind. */
  private List<Long> allocated(int kind) {
    SimulatedMedium copy = SimulatedMedium.of(medium.newestImage());
    HeapFile file = HeapFile.open(copy, TestHeaps.OPTIONS);
    Allocator allocator = new Allocator(file);
    Transactions.open(file, allocator);
    allocator.load();
    List<Long> blocks = new ArrayList<>();
    allocator.forEachAllocated(
        (block, size) -> {
          if (BlockHeader.kind(copy.getLong(block)) == kind) {
            blocks.add(block);
          }
        });
    return blocks;
  }

  private void patch(long offset, long word) {
    medium.sanitizeWith(Sanitizer.off()); // which refuses what damages a heap
    medium.putLong(offset, word);
  }

  private void assertFound(String structure, String words) {
    HeapCorruptedException found = assertThrows(HeapCorruptedException.class, heap::verify);
    assertTrue(TestHeaps.message(found).contains(words), TestHeaps.message(found));
    assertEquals(structure, found.structure(), TestHeaps.message(found));
    // The same after a crash: it is the medium that is damaged.
    SimulatedMedium copy = SimulatedMedium.of(medium.newestImage());
    PersistentHeap again = PersistentHeap.open(copy, TestHeaps.OPTIONS);
    assertThrows(HeapCorruptedException.class, again::verify);
  }

  private void fill() {
    map.put(1L, new byte[] {1});
    map.put(2L, new byte[] {2});
    list.addAll(List.of("a", "b"));
    heap.verify();
  }

  @Test
  void slotWithoutEntryIsALeak() {
    fill();
    long slot = slot();
    long entry = HashMapLayout.entry(medium.getLong(slot));
    patch(slot, 0);
    assertFound("stripe", "a count of 0");
    long stripeCount = stripeCountOf(entry);
    patch(stripeCount, 0);
    assertFound("block", "leaked");
  }

  /** Where the count of the stripe of an entry is. */
  private long stripeCountOf(long entry) {
    int hash = HashMapLayout.entryHash(medium.getLong(entry));
    long mapBlock =
        allocated(BlockHeader.MAP).stream()
            .filter(block -> medium.getLong(block + HashMapLayout.SEED) == Collisions.SEED)
            .findFirst()
            .orElseThrow();
    return HashMapLayout.stripe(mapBlock, HashMapLayout.stripeOf(hash))
        + HashMapLayout.STRIPE_COUNT;
  }

  @Test
  void wrongCountIsFound() {
    fill();
    patch(stripeCountOf(HashMapLayout.entry(medium.getLong(slot()))), 5);
    assertFound("stripe", "0x5, expected a count of 1");
  }

  /** The message of a wild access could not be attached to the exception, and was thrown itself. */
  @Test
  void wildSlotIsDamageAndNotAMistakeOfTheCaller() {
    fill();
    long slot = slot();
    long word = medium.getLong(slot);
    long key = medium.getLong(HashMapLayout.entry(word) + HashMapLayout.ENTRY_KEY);
    patch(slot, (word & -1L << 48) | 0x7fff_ffff_fff0L);
    assertThrows(HeapCorruptedException.class, () -> map.get(key));
    assertThrows(HeapCorruptedException.class, () -> map.put(key, new byte[0]));
    assertThrows(HeapCorruptedException.class, () -> map.remove(key));
    assertThrows(HeapCorruptedException.class, () -> map.forEach((k, v) -> {}));
    assertThrows(HeapCorruptedException.class, map::clear);
    assertThrows(HeapCorruptedException.class, heap::verify);
    heap.close(); // none of them has left a transaction open
  }

  @Test
  void entryOfAnotherStripeIsFound() {
    fill();
    long slot = slot();
    long entry = HashMapLayout.entry(medium.getLong(slot));
    patch(entry, HashMapLayout.entryHeader(~HashMapLayout.entryHash(medium.getLong(entry))));
    assertFound("entry", "its own stripe");
  }

  @Test
  void entryLongerThanItsBlockIsFound() {
    fill();
    long entry = HashMapLayout.entry(medium.getLong(slot()));
    long key = medium.getLong(entry + HashMapLayout.ENTRY_KEY);
    patch(entry + HashMapLayout.ENTRY_LENGTHS, HashMapLayout.lengths(8, 1 << 30));
    assertThrows(HeapCorruptedException.class, () -> map.get(key));
    assertFound("block", "content within its");
  }

  @Test
  void ringOfSegmentsIsFound() {
    fill();
    long slot = slot();
    long segment =
        allocated(BlockHeader.SEGMENT).stream()
            .filter(block -> block <= slot)
            .reduce(Math::max)
            .orElseThrow();
    patch(segment, HashMapLayout.segmentHeader(0, segment));
    assertFound("segment", "an overflow chain that ends");
    assertThrows(HeapCorruptedException.class, () -> map.forEach((k, v) -> {}));
  }

  @Test
  void valueNamedTwiceIsFound() {
    fill();
    long values = element(0);
    patch(values + 8, medium.getLong(values));
    assertFound("block", "one way to it");
  }

  /** Where an element of the list is. */
  private long element(int index) {
    long block = allocated(BlockHeader.LIST).getFirst();
    return medium.getLong(block + ListLayout.FIRST_SEGMENT) + index * 8L;
  }

  @Test
  void danglingValueIsFound() {
    fill();
    long value = medium.getLong(element(1));
    patch(element(2), value + 16 * 100); // a block of the same run, which is free
    patch(value + 16 * 100, medium.getLong(value));
    patch(allocated(BlockHeader.LIST).getFirst() + ListLayout.SIZE, 3);
    assertFound("block", "free, expected allocated");
  }

  @Test
  void listThatIsLongerThanItsSegmentsIsFound() {
    list.addAll(java.util.Collections.nCopies(16, "of the first segment"));
    long block = allocated(BlockHeader.LIST).getFirst();
    patch(block + ListLayout.SIZE, 100);
    assertFound("list", "a segment 1");
    assertThrows(HeapCorruptedException.class, () -> list.get(50));
    patch(block + ListLayout.SIZE, -1);
    assertThrows(HeapCorruptedException.class, list::size);
    assertFound("list", "a size in its limits");
  }

  @Test
  void valueOfAnotherKindIsFound() {
    fill();
    patch(medium.getLong(element(0)), BlockHeader.of(BlockHeader.ENTRY, 1));
    assertThrows(HeapCorruptedException.class, () -> list.get(0));
    assertFound("value", "expected a header of kind");
  }

  /**
   * A segment's depth was believed, though its table was not as deep: the walk met the segment
   * again for each index up to the depth, and showed its entries millions of times.
   */
  @Test
  void depthThatTheTableDoesNotHaveIsNotBelieved() {
    fill();
    patch(segment(), HashMapLayout.segmentHeader(26, 0));
    assertThrows(HeapCorruptedException.class, () -> map.forEach((key, value) -> {}));
  }

  /**
   * A ring in an overflow chain was walked a million times before it was told, and filled memory.
   */
  @Test
  void ringOfSegmentsIsNoEndlessWalk() {
    fill();
    patch(segment(), HashMapLayout.segmentHeader(0, segment()));
    assertThrows(HeapCorruptedException.class, () -> map.forEach((key, value) -> {}));
  }

  /** A heap whose root word was lost opened as if it were new, and wrote a new catalog over it. */
  @Test
  void heapWithoutRootIsNotTakenForANewOne() {
    fill();
    patch(8192, 0);
    SimulatedMedium copy = SimulatedMedium.of(medium.newestImage());
    HeapCorruptedException found =
        assertThrows(
            HeapCorruptedException.class, () -> PersistentHeap.open(copy, TestHeaps.OPTIONS));
    assertEquals("root word", found.structure());
  }
}
