package dev.cairn.collections;

import static dev.cairn.collections.EntryLayout.ENTRY_LENGTHS;
import static dev.cairn.collections.TreeLayout.BRANCH_CHILD;
import static dev.cairn.collections.TreeLayout.BRANCH_KEY;
import static dev.cairn.collections.TreeLayout.COUNT;
import static dev.cairn.collections.TreeLayout.FIRST_SLOT;
import static dev.cairn.collections.TreeLayout.LEAF_ENTRY;
import static dev.cairn.collections.TreeLayout.MARK;
import static dev.cairn.collections.TreeLayout.MOST_LEVELS;
import static dev.cairn.collections.TreeLayout.ORDER;
import static dev.cairn.collections.TreeLayout.ORDER_SIZE;
import static dev.cairn.collections.TreeLayout.ROOT;
import static dev.cairn.collections.TreeLayout.SEED;
import static dev.cairn.collections.TreeLayout.TREE_SIZE;
import static dev.cairn.collections.TreeLayout.USED;

import dev.cairn.allocator.spi.Allocator.BlockVisitor;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.VersionedLock;
import java.util.BitSet;

/**
 * Visits every block of a tree in the order of keys, and checks the invariants of {@link BPlusTree}
 * on the way, as far as they can be told without the types of the program: prefixes must not fall.
 */
final class TreeWalker {
  private final MediumAccessor accessor;
  private final long tree;
  private final EntryVisitor entries;

  /** Is shown what has a key, in rising order. */
  interface EntryVisitor {
    /** Shows nobody anything. */
    EntryVisitor NONE = new EntryVisitor() {};

    /**
     * Called for each entry, whose header was found to be right.
     *
     * @param slot where its slot is
     */
    default void entry(long slot, long entry, long lengths) {}

    /**
     * Called for each separator: keys before it are less, and those behind it are not.
     *
     * @param slot where its slot is
     * @param key the block of its key, or 0 for the least key of its prefix
     */
    default void separator(long slot, long key) {}
  }

  /**
   * Creates a walker.
   *
   * @param tree where the tree lies
   * @param entries told each entry and separator, before the visitor is
   */
  TreeWalker(MediumAccessor accessor, long tree, EntryVisitor entries) {
    this.accessor = accessor;
    this.tree = tree;
    this.entries = entries;
  }

  /**
   * Walks the tree, which nobody may be changing.
   *
   * @param visitor told each block and the length in use; each after it was read for the last time
   * @throws HeapCorruptedException if an invariant is broken
   */
  void walk(BlockVisitor visitor) {
    new Walk(visitor).run();
  }

  /** One walk. */
  private final class Walk {
    private final BlockVisitor visitor;
    private long prefix;
    private long count;

    Walk(BlockVisitor visitor) {
      this.visitor = visitor;
    }

    void run() {
      long root = accessor.getWord(tree + ROOT);
      if (root != 0) {
        int level = TreeLayout.level(root);
        check(level >= 1 && level <= MOST_LEVELS, "tree", tree, "a level to 16", level);
        walkNode(TreeLayout.node(root), level);
      }
      TreeVerifier.checkHeader(accessor.getWord(tree), tree);
      VersionedLock.checkMark(accessor, tree + MARK);
      for (long at = SEED + Long.BYTES; at < TREE_SIZE; at += Long.BYTES) {
        long word = accessor.getWord(tree + at);
        check(word == 0, "tree", tree + at, "reserved words of zero", word);
      }
      long found = accessor.getWord(tree + COUNT);
      check(found == count, "tree", tree, "a count of " + count, found);
    }

    private void walkNode(long node, int level) {
      long header = accessor.getWord(node);
      long expected = TreeLayout.nodeHeader(node, level);
      check(header == expected, "node", node, "header 0x%x".formatted(expected), header);
      int capacity = TreeLayout.capacity(level);
      int used = accessor.getByte(node + USED) & 0xFF;
      check(used >= 1 && used <= capacity, "node", node, "1 to %d slots".formatted(capacity), used);
      checkNumbers(node, capacity);
      for (int i = 0; i < used; i++) {
        int number = accessor.getByte(node + ORDER + i) & 0xFF;
        long slot = node + FIRST_SLOT + number * TreeLayout.slotSize(level);
        if (level == 1) {
          rise(slot, 0);
          walkEntry(slot);
        } else {
          walkSeparator(slot, i > 0);
          walkNode(accessor.getWord(slot + BRANCH_CHILD), level - 1);
        }
      }
      visitor.visit(node, TreeLayout.nodeSize(level));
    }

    private void checkNumbers(long node, int capacity) {
      BitSet numbers = new BitSet(capacity);
      for (int i = 0; i < ORDER_SIZE - 1; i++) {
        int number = accessor.getByte(node + ORDER + i) & 0xFF;
        boolean isRight = i < capacity ? number < capacity && !numbers.get(number) : number == 0;
        check(isRight, "node", node + ORDER + i, "each slot number once", number);
        numbers.set(number);
      }
    }

    private void rise(long slot, int least) {
      long next = accessor.getWord(slot);
      boolean rises = Long.compareUnsigned(next, prefix) >= least;
      check(rises, "node", slot, "a prefix not below 0x%x".formatted(prefix), next);
      prefix = next;
    }

    private void walkEntry(long slot) {
      long entry = HashMapLayout.entry(accessor.getWord(slot + LEAF_ENTRY));
      long header = accessor.getWord(entry);
      BlockHeader.check(header, BlockHeader.ENTRY, entry);
      long lengths = accessor.getWord(entry + ENTRY_LENGTHS);
      long checked = EntryLayout.entryHeader(EntryLayout.entryHash(header), lengths);
      check(header == checked, "entry", entry, "the lengths that its header is of", lengths);
      int keyLength = EntryLayout.keyLength(lengths);
      int valueLength = EntryLayout.valueLength(lengths);
      check(keyLength >= 0, "entry", entry, "a key length of 0 or more", keyLength);
      check(valueLength >= 0, "entry", entry, "a value length of 0 or more", valueLength);
      entries.entry(slot, entry, lengths);
      visitor.visit(entry, EntryLayout.entrySize(keyLength, valueLength));
      count++;
    }

    private void walkSeparator(long slot, boolean counts) {
      long key = accessor.getWord(slot + BRANCH_KEY);
      if (counts) {
        rise(slot, key == 0 ? 1 : 0); // no key before has the prefix of one without a key
        entries.separator(slot, key);
      }
      if (key != 0) {
        long length = ValueBlocks.length(accessor.getWord(key), key);
        visitor.visit(key, ValueBlocks.VALUE + length);
      }
    }
  }

  private static void check(
      boolean ok, String structure, long offset, String expected, long actual) {
    if (!ok) {
      throw new HeapCorruptedException(
          structure, offset, expected, "0x" + Long.toHexString(actual));
    }
  }
}
