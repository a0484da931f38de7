package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Trees that are damaged: what is found, by what, and what it is called. */
class TreeVerifyTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentTreeMap<String, Long> map = heap.treeMap("map", Types.STRING, Types.LONG);

  /** Three leaves below a branch, whose second separator has a key. */
  @BeforeEach
  void fill() {
    for (int i = 0; i < 3 * TreeLayout.LEAF_CAPACITY; i++) {
      map.put("a key %03d".formatted(i), (long) i);
    }
    PersistentLong other = heap.longValue("other");
    for (int i = 0; i < 3; i++) {
      other.incrementAndGet(); // overwrites the records, which would repair what is damaged
    }
    heap.verify();
  }

  private long named(String name) {
    for (long offset = TestHeaps.MIB; offset < medium.size(); offset += Long.BYTES) {
      if (heap.describe(offset).equals(name)) {
        return offset;
      }
    }
    throw new AssertionError("nothing is called " + name);
  }

  private void patch(long offset, long word) {
    medium.sanitizeWith(Sanitizer.off()); // damage is undeclared
    medium.putLong(offset, word);
  }

  private void flip(long offset, int bit) {
    patch(offset, medium.getLong(offset) ^ (1L << bit));
  }

  private void assertFound(String structure, String words) {
    for (Runnable check : List.<Runnable>of(map::verify, heap::verify)) {
      HeapCorruptedException found = assertThrows(HeapCorruptedException.class, check::run);
      assertTrue(found.structure().startsWith(structure + " of tree map"), found::toString);
      assertTrue(TestHeaps.message(found).contains(words), found::toString);
    }
  }

  @Test
  void eachPlaceHasAName() {
    for (String name :
        List.of(
            "tree map \"map\", header",
            "tree map \"map\", root word",
            "tree map \"map\", count of entries",
            "tree map \"map\", mark",
            "tree map \"map\", seed",
            "tree map \"map\", reserved",
            "tree map \"map\", branch of level 2, header",
            "tree map \"map\", branch of level 2, count of slots",
            "tree map \"map\", branch of level 2, slot 1, prefix",
            "tree map \"map\", branch of level 2, slot 1, key",
            "tree map \"map\", branch of level 2, slot 2, child",
            "key of a separator of tree map \"map\", header",
            "key of a separator of tree map \"map\", content",
            "tree map \"map\", leaf, slot 51, entry",
            "entry of tree map \"map\", key")) {
      assertTrue(named(name) > 0);
    }
  }

  @Test
  void aHeaderThatIsAnothersIsFound() {
    flip(named("tree map \"map\", header"), 3);
    assertFound("tree", "header");
    PersistentHeap again = TestHeaps.reopened(medium);
    assertThrows(
        HeapCorruptedException.class, () -> again.treeMap("map", Types.STRING, Types.LONG));
    assertThrows(HeapCorruptedException.class, map::size);
  }

  @Test
  void aTreeThatIsLostIsRefused() {
    long tree = map.offset();
    for (long at = 0; at < TreeLayout.TREE_SIZE; at += Long.BYTES) {
      patch(tree + at, 0);
    }
    assertThrows(HeapCorruptedException.class, () -> map.get("a key 001"));
    assertThrows(HeapCorruptedException.class, () -> map.put("a key 001", 1L));
    assertThrows(HeapCorruptedException.class, () -> map.remove("a key 001"));
    assertThrows(HeapCorruptedException.class, map::size);
    assertThrows(HeapCorruptedException.class, map::firstEntry);
    assertThrows(HeapCorruptedException.class, () -> map.forEach((key, value) -> {}));
    assertFound("tree", "header");
  }

  @Test
  void aRootThatLeadsElsewhereIsRefused() {
    long root = named("tree map \"map\", root word");
    long right = medium.getLong(root);
    patch(root, TreeLayout.rootWord(TreeLayout.node(right), 1));
    assertThrows(HeapCorruptedException.class, () -> map.get("a key 001"));
    assertFound("node", "header");
    patch(root, TreeLayout.rootWord(TreeLayout.node(right), 17));
    assertThrows(HeapCorruptedException.class, () -> map.get("a key 001"));
    assertFound("tree", "a level to 16");
    patch(root, TreeLayout.rootWord(TreeLayout.node(right), 0));
    assertThrows(HeapCorruptedException.class, () -> map.get("a key 001"));
    assertFound("tree", "a level to 16");
    patch(root, TreeLayout.rootWord(map.offset(), 2));
    assertThrows(HeapCorruptedException.class, () -> map.put("a key 001", 1L));
    assertFound("node", "header");
  }

  @Test
  void countsThatAreWrongAreFound() {
    long count = named("tree map \"map\", count of entries");
    flip(count, 0);
    assertFound("tree", "a count of");
    flip(count, 0);
    flip(count, 63);
    assertThrows(HeapCorruptedException.class, map::size);
    assertFound("tree", "a count of");
  }

  @Test
  void slotsThatAreTooManyAreRefused() {
    long branch = named("tree map \"map\", branch of level 2, header");
    patch(branch + TreeLayout.USED, medium.getLong(branch + TreeLayout.USED) | 0xFF);
    assertThrows(HeapCorruptedException.class, () -> map.get("a key 001"));
    assertFound("node", "1 to 50 slots");
  }

  @Test
  void slotNumbersThatAreWrongAreFound() {
    long leaf = named("tree map \"map\", leaf, header");
    long numbers = leaf + TreeLayout.USED;
    long right = medium.getLong(numbers);
    patch(numbers, right ^ 1L << 16); // 1 becomes 0: one entry twice, another not at all
    assertFound("node", "each slot number once");
    patch(numbers, right | 0xFFL << 16);
    assertFound("node", "each slot number once");
    assertThrows(HeapCorruptedException.class, () -> map.forEach((key, value) -> {}));
    long second = (right >>> 16) & 0xFF;
    long third = (right >>> 24) & 0xFF;
    patch(numbers, right ^ ((second ^ third) << 16) ^ ((second ^ third) << 24)); // swapped
    assertFound("tree", "a key beyond that of the one before");
    assertThrows(HeapCorruptedException.class, () -> map.forEach((key, value) -> {}));
  }

  @Test
  void slotsThatAreWrongAreFound() {
    long prefix = named("tree map \"map\", leaf, slot 7, prefix");
    flip(prefix, 37);
    assertFound("node", "a prefix not below");
    flip(prefix, 37);
    flip(prefix, 4);
    assertFound("tree", "the prefix of its key");
    flip(prefix, 4);
    long entry = named("tree map \"map\", leaf, slot 7, entry");
    flip(entry, 50);
    assertFound("tree", "the tag of the entry's key");
    flip(entry, 50);
    patch(entry, medium.getLong(entry - 16));
    assertFound("tree", "a key beyond that of the one before");
    patch(entry, map.offset());
    assertFound("entry", "a header of kind 4");
    assertThrows(HeapCorruptedException.class, () -> map.forEach((key, value) -> {}));
  }

  @Test
  void separatorsThatAreWrongAreFound() {
    long key = named("key of a separator of tree map \"map\", content");
    long right = medium.getLong(key);
    patch(key, right + 1); // "b key..."
    assertFound("tree", "prefix of its key");
    patch(key, right);
    String first = heap.describe(key + 6);
    assertTrue(first.contains("separator"), first);
    long block = named("key of a separator of tree map \"map\", header");
    patch(block, ValueBlocks.header(3000));
    assertFound("tree", "content within its");
    assertThrows(HeapCorruptedException.class, () -> map.get("a key 060"));
    patch(block, 0);
    assertFound("value", "a header of kind 6");
    assertThrows(HeapCorruptedException.class, () -> map.put("a key 060", 1L));
  }

  /** A ring of nodes, or a node in two places, which no check of headers can tell. */
  @Test
  void nodesThatAreNamedTwiceAreFound() {
    long first = named("tree map \"map\", branch of level 2, slot 0, child");
    long second = named("tree map \"map\", branch of level 2, slot 1, child");
    patch(second, medium.getLong(first));
    assertFound("tree", "a key beyond that of the one before");
    assertThrows(HeapCorruptedException.class, () -> map.forEach((key, value) -> {}));
    List<String> names = new ArrayList<>(map.descendingKeySet()); // finds no contradiction
    assertTrue(names.size() < 3 * TreeLayout.LEAF_CAPACITY);
  }
}
