package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.tx.spi.Transactions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damage planted word by word: verify finds it and names it, and reading it is no wrong answer. */
class VerifyTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
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
            && EntryLayout.keyLength(
                    medium.getLong(HashMapLayout.entry(slot) + EntryLayout.ENTRY_LENGTHS))
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
    medium.sanitizeWith(Sanitizer.off()); // damage is undeclared
    medium.putLong(offset, word);
  }

  private void assertFound(String structure, String words) {
    assertTrue(
        findings().stream()
            .anyMatch(
                found ->
                    found.structure().startsWith(structure)
                        && TestHeaps.message(found).contains(words)),
        () -> findings().toString());
    // The same after a crash: it is the medium that is damaged.
    SimulatedMedium copy = SimulatedMedium.of(medium.newestImage());
    PersistentHeap again = PersistentHeap.open(copy, TestHeaps.OPTIONS);
    assertThrows(HeapCorruptedException.class, again::verify);
  }

  /** All that verify finds. */
  private List<HeapCorruptedException> findings() {
    HeapCorruptedException first = assertThrows(HeapCorruptedException.class, heap::verify);
    List<HeapCorruptedException> all = new ArrayList<>(List.of(first));
    for (Throwable other : first.getSuppressed()) {
      if (other instanceof HeapCorruptedException corrupted) {
        all.add(corrupted);
      }
    }
    return all;
  }

  private void fill() {
    map.put(1L, new byte[] {1});
    map.put(2L, new byte[] {2});
    list.addAll(List.of("a", "b"));
    fadeRecords();
    heap.verify();
  }

  /** Overwrites the records of the last changes, which would repair what is damaged. */
  private void fadeRecords() {
    PersistentHashMap<Long, Long> other = heap.map("other", Types.LONG, Types.LONG);
    other.put(1L, 1L);
    other.put(1L, 2L);
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
    int hash = EntryLayout.entryHash(medium.getLong(entry));
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
    long key = medium.getLong(HashMapLayout.entry(word) + EntryLayout.ENTRY_KEY);
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
    int otherHash = ~EntryLayout.entryHash(medium.getLong(entry));
    long lengths = medium.getLong(entry + EntryLayout.ENTRY_LENGTHS);
    patch(entry, EntryLayout.entryHeader(otherHash, lengths));
    assertFound("entry", "its own stripe");
  }

  @Test
  void entryLongerThanItsBlockIsFound() {
    fill();
    long entry = HashMapLayout.entry(medium.getLong(slot()));
    long key = medium.getLong(entry + EntryLayout.ENTRY_KEY);
    long lengths = EntryLayout.lengths(8, 1 << 30);
    int hash = EntryLayout.entryHash(medium.getLong(entry));
    patch(entry, EntryLayout.entryHeader(hash, lengths));
    patch(entry + EntryLayout.ENTRY_LENGTHS, lengths);
    assertThrows(HeapCorruptedException.class, () -> map.get(key));
    assertFound("entry", "content within its");
  }

  @Test
  void otherLengthOfAValueIsFound() {
    fill();
    long entry = HashMapLayout.entry(medium.getLong(slot()));
    long key = medium.getLong(entry + EntryLayout.ENTRY_KEY);
    long lengths = medium.getLong(entry + EntryLayout.ENTRY_LENGTHS);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      patch(entry + EntryLayout.ENTRY_LENGTHS, lengths ^ 1L << bit);
      assertThrows(HeapCorruptedException.class, () -> map.get(key));
      assertThrows(HeapCorruptedException.class, () -> map.put(key, new byte[0]));
      assertThrows(HeapCorruptedException.class, () -> map.forEach((k, v) -> {}));
      assertFound("entry", "the lengths that its header is of");
    }
  }

  @Test
  void otherLengthOfAnElementIsFound() {
    fill();
    long value = medium.getLong(element(0));
    long header = medium.getLong(value);
    for (int bit = Byte.SIZE; bit < Long.SIZE; bit++) {
      patch(value, header ^ 1L << bit);
      assertThrows(HeapCorruptedException.class, () -> list.get(0));
      assertFound("value", "a length with its check");
    }
  }

  /** A line of zeros would look like a stripe without entries. */
  @Test
  void lostStripeIsFound() {
    fill();
    long entry = HashMapLayout.entry(medium.getLong(slot()));
    long key = medium.getLong(entry + EntryLayout.ENTRY_KEY);
    int index = HashMapLayout.stripeOf(EntryLayout.entryHash(medium.getLong(entry)));
    long stripe = HashMapLayout.stripe(map.offset(), index);
    for (long at = 0; at < HashMapLayout.STRIPE_SIZE; at += Long.BYTES) {
      patch(stripe + at, 0);
    }
    assertThrows(HeapCorruptedException.class, () -> map.get(key));
    assertThrows(HeapCorruptedException.class, () -> map.put(key, new byte[0]));
    assertThrows(HeapCorruptedException.class, () -> map.remove(key));
    assertThrows(HeapCorruptedException.class, map::size);
    assertThrows(HeapCorruptedException.class, () -> map.forEach((k, v) -> {}));
    assertFound("stripe", "identity");
  }

  /** A mark that is too great would make records dead that are needed. */
  @Test
  void otherMarkIsFound() {
    fill();
    map.put(1L, new byte[] {3});
    map.put(1L, new byte[] {4});
    list.add("c");
    list.add("d");
    fadeRecords();
    long entry = HashMapLayout.entry(medium.getLong(slot()));
    int index = HashMapLayout.stripeOf(EntryLayout.entryHash(medium.getLong(entry)));
    long mapMark = HashMapLayout.stripe(map.offset(), index) + HashMapLayout.STRIPE_MARK;
    for (long offset : new long[] {mapMark, named("list \"list\", mark")}) {
      long mark = medium.getLong(offset);
      assertNotEquals(0, mark);
      for (int bit = 0; bit < Long.SIZE; bit++) {
        assertFoundAt(offset, mark ^ 1L << bit, offset, "mark", "a sequence and its check");
      }
    }
  }

  /** Nor does one stripe pass for another. */
  @Test
  void swappedStripesAreFound() {
    fill();
    long entry = HashMapLayout.entry(medium.getLong(slot()));
    long key = medium.getLong(entry + EntryLayout.ENTRY_KEY);
    int index = HashMapLayout.stripeOf(EntryLayout.entryHash(medium.getLong(entry)));
    long one = HashMapLayout.stripe(map.offset(), index);
    long other = HashMapLayout.stripe(map.offset(), index ^ 1);
    for (long at = 0; at < HashMapLayout.STRIPE_SIZE; at += Long.BYTES) {
      long word = medium.getLong(one + at);
      patch(one + at, medium.getLong(other + at));
      patch(other + at, word);
    }
    assertThrows(HeapCorruptedException.class, () -> map.get(key));
    assertThrows(HeapCorruptedException.class, () -> map.put(key, new byte[0]));
    assertFound("stripe", "identity");
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
    assertFound("segment", "no overflow of a small segment");
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
    long free = value + 16 * 100; // a block of the same run
    patch(element(2), free);
    patch(free, medium.getLong(value));
    patch(free + 8, medium.getLong(value + 8));
    patch(allocated(BlockHeader.LIST).getFirst() + ListLayout.SIZE, ListLayout.sizeWord(3));
    assertFound("block", "free, expected allocated");
  }

  @Test
  void listThatIsLongerThanItsSegmentsIsFound() {
    list.addAll(java.util.Collections.nCopies(16, "of the first segment"));
    fadeRecords();
    long block = allocated(BlockHeader.LIST).getFirst();
    patch(block + ListLayout.SIZE, ListLayout.sizeWord(100));
    assertFound("list", "a segment 1");
    assertThrows(HeapCorruptedException.class, () -> list.get(50));
    patch(block + ListLayout.SIZE, -1);
    assertThrows(HeapCorruptedException.class, list::size);
    assertFound("list", "a size of 0 to");
    patch(block + ListLayout.SIZE, ListLayout.sizeWord(ListLayout.MAX_SIZE + 1L));
    assertThrows(HeapCorruptedException.class, list::size);
    assertFound("list", "a size of 0 to");
  }

  /** Of a list whose elements lie in it, nothing but the size says how many there are. */
  @Test
  void eachBitOfASizeIsCovered() {
    PersistentArrayList<Long> longs = heap.list("longs", Types.LONG);
    for (long i = 0; i < 21; i++) {
      longs.add(i);
    }
    fadeRecords();
    long size = named("list \"longs\", size");
    long right = medium.getLong(size);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      patch(size, right ^ 1L << bit);
      assertThrows(HeapCorruptedException.class, longs::verify);
      assertThrows(HeapCorruptedException.class, heap::verify);
      assertThrows(HeapCorruptedException.class, longs::size);
      assertThrows(HeapCorruptedException.class, () -> longs.get(3));
      assertThrows(HeapCorruptedException.class, () -> longs.add(1L));
      assertThrows(HeapCorruptedException.class, () -> longs.remove(0));
      assertThrows(HeapCorruptedException.class, longs::clear);
    }
    patch(size, right);
    assertEquals(21, longs.size());
    heap.verify();
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

  // One test for each check: what is damaged is found, where it is, under its name.

  private final Map<Long, Long> before = new HashMap<>();

  /** Damages a word, sees it found at this offset or the one given, and repairs it. */
  private void assertFoundAt(long offset, long word, long where, String structure, String words) {
    before.putIfAbsent(offset, medium.getLong(offset));
    patch(offset, word);
    assertTrue(
        findings().stream()
            .anyMatch(
                found ->
                    found.structure().contains(structure)
                        && found.expected().contains(words)
                        && found.offset() == where),
        () -> findings().toString());
    patch(offset, before.get(offset));
    heap.verify();
  }

  private long named(String name) {
    for (long offset = 0; offset < medium.size(); offset += 8) {
      String found = heap.describe(offset);
      if (found.equals(name)) {
        return offset;
      }
      if (found.startsWith("free chunk")) {
        offset += (256 << 10) - 8 - offset % (256 << 10);
      }
    }
    throw new AssertionError("nothing is called " + name);
  }

  @Test
  void eachWordOfBothSuperblocksIsChecked() {
    fill();
    for (long slot = 0; slot <= 4096; slot += 4096) {
      for (long at = slot; at < slot + 136; at += 8) {
        String field = heap.describe(at);
        assertFoundAt(at, medium.getLong(at) ^ 1L << 33, at, field, "0x");
      }
    }
  }

  @Test
  void reservedWordsAreZero() {
    fill();
    for (long at : new long[] {8200, 8264, 65528}) {
      assertFoundAt(at, 1, at, "reserved", "zero");
    }
    assertFoundAt(65536 + 8192 + 8, 1, 65536 + 8192 + 8, "lane 1", "reserved words of zero");
    long map = named("map \"map\", reserved");
    assertFoundAt(map, 1, map, "map of map \"map\"", "reserved words of zero");
    long stripe = named("map \"map\", stripe 7, reserved");
    assertFoundAt(stripe, 1, stripe, "stripe of map \"map\"", "reserved words of zero");
    long list = named("list \"list\", reserved");
    assertFoundAt(list, 1, list, "list", "reserved words of zero");
    long header = segment();
    assertFoundAt(
        header, medium.getLong(header) | 1L << 62, header, "segment", "no overflow of a small");
    long mapHeader = named("map \"map\", header");
    assertFoundAt(mapHeader, 0x101, mapHeader, "map", "reserved bits zero");
  }

  @Test
  void chunkHeadersAndBitmapsAreChecked() {
    fill();
    long table = 1 << 20;
    assertFoundAt(table, 1, table, "chunk header", "zero for the table itself");
    assertFoundAt(table + 8 * 15, 77, table + 8 * 15, "chunk header", "guard");
    long behind = table + 8 * 22; // the heap has 20 chunks, and may grow to 28
    assertFoundAt(behind, 1, behind, "chunk header", "behind the end of the heap");
    long bitmap = table + (256 << 10);
    String name = heap.describe(bitmap);
    assertTrue(name.matches("run of .*-byte blocks in chunk 1, bitmap word 0"), name);
    long lastWord = bitmap;
    while (heap.describe(lastWord + 8).contains("bitmap word")) {
      lastWord += 8;
    }
    assertFoundAt(lastWord, 1L << 63, lastWord, "run bitmap", "no bit beyond block");
    assertFoundAt(bitmap, medium.getLong(bitmap) | 1L << 40, bitmap, "run bitmap", "known as free");
  }

  @Test
  void logsAreVoid() {
    fill();
    // What the last transaction wrote comes to life again if its generation comes back.
    for (int lane = 0; lane < 64; lane++) {
      long generation = 65536 + lane * 8192L;
      if (medium.getLong(generation + 64) != 0) {
        assertFoundAt(
            generation,
            medium.getLong(generation) - 1,
            generation + 64,
            "log of lane " + lane,
            "no valid record");
      }
    }
  }

  @Test
  void hashesOfKeysAreComputedAgain() {
    fill();
    long slot = slot();
    long entry = HashMapLayout.entry(medium.getLong(slot));
    long key = entry + EntryLayout.ENTRY_KEY;
    assertFoundAt(key, medium.getLong(key) ^ 1, entry, "entry of map", "the hash of its key");
    long tagged = medium.getLong(slot) ^ 1L << 63; // the hint does not have this bit
    assertFoundAt(slot, tagged, slot, "segment of map", "the tag of the entry's key");
    long hints = (slot & -64) + HashMapLayout.HINTS;
    long hinted = medium.getLong(hints) ^ 1L << slot % 64;
    assertFoundAt(hints, hinted, slot, "segment of map", "a hint for the slot");
    long home = medium.getLong(entry) ^ 1L << 8; // another hash, of the same small segment
    assertFoundAt(entry, home, entry, "entry of map", "the hash of its key");
  }

  /** The keys of maps that nobody has opened are checked too, if their types need no class. */
  @Test
  void hashesAreComputedWithoutOpeningTheMap() {
    fill();
    long entry = HashMapLayout.entry(medium.getLong(slot()));
    patch(entry + EntryLayout.ENTRY_KEY, 4711);
    PersistentHeap again = TestHeaps.reopened(medium);
    HeapCorruptedException found = assertThrows(HeapCorruptedException.class, again::verify);
    assertEquals("the hash of its key", found.expected());
  }

  @Test
  void aKeyThatIsThereTwiceIsFound() {
    map.put(1L, new byte[] {1});
    long slot = slot();
    long entry = HashMapLayout.entry(medium.getLong(slot));
    // An entry of another value, whose hash and key are those of the first.
    list.add("a list, to have a block");
    long block = medium.getLong(element(0));
    for (long at = 0; at < 24; at += 8) {
      patch(block + at, medium.getLong(entry + at));
    }
    long other = slot + 8;
    patch(other, (medium.getLong(slot) & -1L << 48) | block);
    patch(
        (slot & -64) + 56,
        HashMapLayout.withHint(
            medium.getLong((slot & -64) + 56), other % 64, medium.getLong(slot)));
    patch(stripeCountOf(entry), 2);
    assertFound("entry of map", "a key that no other entry has");
  }

  @Test
  void valuesThatAreNoneOfTheirTypeAreFound() {
    fill();
    long block = medium.getLong(element(0));
    assertFoundAt(block + 8, 0x7761, block + 8, "string of list", "tag 1 or 2");
    long header = ValueBlocks.header(Integer.MAX_VALUE);
    assertFoundAt(block, header, block, "value of list", "content within its");
  }

  @Test
  void listsOfAnotherTypeThanTheCatalogSaysAreFound() {
    fill();
    long header = named("list \"list\", header");
    assertFoundAt(header, ListLayout.header(8), header, "list", "elements of type string");
    assertFoundAt(header, BlockHeader.of(BlockHeader.LIST, 0), header, "list", "a width");
  }

  @Test
  void catalogRecordsHaveAChecksum() {
    fill();
    long record = named("entry of catalog, value");
    assertFoundAt(
        record + 8, medium.getLong(record + 8) ^ 16, medium.getLong(8192), "catalog", "checksum");
  }

  @Test
  void allFindingsAreReported() {
    fill();
    patch(named("map \"map\", reserved"), 1);
    patch(named("list \"list\", reserved"), 1);
    patch(8200, 1);
    HeapCorruptedException found = assertThrows(HeapCorruptedException.class, heap::verify);
    assertEquals("root line, reserved", found.structure());
    assertEquals(2, found.getSuppressed().length);
  }

  @Test
  void collectionsVerifyThemselves() {
    fill();
    map.verify();
    list.verify();
    long reserved = named("map \"map\", reserved");
    patch(reserved, 1);
    assertEquals(reserved, assertThrows(HeapCorruptedException.class, map::verify).offset());
    list.verify();
    patch(named("list \"list\", size"), 1 << 20);
    assertThrows(HeapCorruptedException.class, list::verify);
    patch(reserved, 0);
    map.verify();
    long slot = slot();
    long word = medium.getLong(slot);
    long bitmap = heap.describe(HashMapLayout.entry(word)).isEmpty() ? 0 : bitmapOf(word);
    patch(bitmap, 0);
    HeapCorruptedException dangling = assertThrows(HeapCorruptedException.class, map::verify);
    assertTrue(TestHeaps.message(dangling).contains("free, expected allocated"));
    heap.transact(() -> assertThrows(IllegalStateException.class, map::verify));
    heap.transact(() -> assertThrows(IllegalStateException.class, list::verify));
  }

  /** The first word of the bitmap of the run in which a slot's entry lies. */
  private static long bitmapOf(long slot) {
    long zones = 1 << 20;
    long chunk = 256 << 10;
    return zones + (HashMapLayout.entry(slot) - zones) / chunk * chunk;
  }

  // Names.

  @Test
  void everythingHasAName() {
    fill();
    long slot = slot();
    long entry = HashMapLayout.entry(medium.getLong(slot));
    int stripe = HashMapLayout.stripeOf(EntryLayout.entryHash(medium.getLong(entry)));
    Map<Long, String> names = new LinkedHashMap<>();
    names.put(-1L, "before the heap");
    names.put(32L, "superblock slot 0, sequence");
    names.put(4096L + 112, "superblock slot 1, state");
    names.put(8192L, "root word");
    names.put(65536L + 3 * 8192, "lane 3, generation");
    names.put(65536L + 3 * 8192 + 8, "lane 3, reserved");
    names.put(65536L + 4 * 8192 - 8, "lane 3, log, behind its records");
    names.put((1L << 20) + 7 * 8, "chunk 7, header");
    names.put(stripeCountOf(entry), "map \"map\", stripe " + stripe + ", count of entries");
    names.put(entry, "entry of map \"map\", header");
    names.put(entry + 8, "entry of map \"map\", key length");
    names.put(entry + 12, "entry of map \"map\", value length");
    names.put(entry + 16, "entry of map \"map\", key");
    names.put(entry + 24, "entry of map \"map\", value");
    names.put(entry + 25, "entry of map \"map\", behind its end");
    names.put(
        slot,
        "map \"map\", stripe %d, segment, line %d, slot %d"
            .formatted(stripe, (slot - segment()) / 64, slot % 64 / 8));
    names.put(element(1), "list \"list\", element 1, offset");
    names.put(element(2), "list \"list\", behind the last element");
    names.put(medium.getLong(element(1)) + 8, "value of list \"list\", element 1, content");
    names.put(medium.size(), "behind the end of the heap");
    names.forEach((offset, name) -> assertEquals(name, heap.describe(offset)));
  }

  @Test
  void recordsOfLogsHaveNames() {
    fill();
    heap.transact(
        () -> {
          map.put(9L, new byte[9]);
          boolean named = false;
          for (long lane = 65536; lane < 65536 + 64 * 8192; lane += 8192) {
            named |= heap.describe(lane + 64).matches("lane \\d+, log record 0, checksum");
          }
          assertTrue(named);
        });
  }

  /** Reports are made of damaged heaps, too, and of closed ones. */
  @Test
  void namesAreGivenWhateverTheHeapHolds() {
    fill();
    long root = medium.getLong(8192);
    long[] offsets = {0, 8192, 65600, 1 << 20, root, root + 72, slot(), element(0), -8, 1L << 60};
    Random random = new Random(TestHeaps.seed("namesAreGivenWhateverTheHeapHolds"));
    for (int i = 0; i < 300; i++) {
      long at = 8192 + (long) random.nextInt((int) (medium.size() - 8192) / 8) * 8;
      long broken = i % 2 == 0 ? at : root + random.nextInt(512) * 8L;
      long old = medium.getLong(broken);
      patch(broken, random.nextLong() >>> random.nextInt(64));
      for (long offset : offsets) {
        assertFalse(heap.describe(offset).isEmpty());
      }
      patch(broken, old);
    }
    heap.close();
    for (long offset : offsets) {
      assertFalse(heap.describe(offset).isEmpty());
    }
  }
}
