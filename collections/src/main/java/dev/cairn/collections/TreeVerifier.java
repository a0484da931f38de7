package dev.cairn.collections;

import static dev.cairn.collections.EntryLayout.ENTRY_KEY;
import static dev.cairn.collections.TreeLayout.LEAF_ENTRY;
import static dev.cairn.collections.TreeLayout.SEED;
import static dev.cairn.collections.TreeLayout.TREE_SIZE;
import static dev.cairn.collections.ValueBlocks.VALUE;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Checks a tree that nobody changes: its structure by {@link TreeWalker}, and that its keys rise,
 * are of the hashes and prefixes that stand for them, and can be decoded, as far as their type and
 * order are known.
 */
final class TreeVerifier<K, V> {
  private final OpenHeap heap;
  private final MediumAccessor accessor;
  private final String title;
  private final long tree;
  private final @Nullable Type<K> keyType;
  private final @Nullable SortOrder<K> order;
  private final @Nullable Type<V> valueType;
  private final ReachedBlocks reached;
  private final Findings findings;

  /**
   * Creates a verifier.
   *
   * @param title such as {@code tree map "orders"}
   * @param tree where it lies
   * @param keyType of the keys; null if only the program knows
   * @param order of the keys; null if only the program knows
   * @param valueType of the values; null if only the program knows
   * @param reached is told of every block
   */
  TreeVerifier(
      OpenHeap heap,
      String title,
      long tree,
      @Nullable Type<K> keyType,
      @Nullable SortOrder<K> order,
      @Nullable Type<V> valueType,
      ReachedBlocks reached,
      Findings findings) {
    this.heap = heap;
    this.accessor = heap.accessor();
    this.title = title;
    this.tree = tree;
    this.keyType = keyType;
    this.order = order;
    this.valueType = valueType;
    this.reached = reached;
    this.findings = findings;
  }

  /** Throws unless a tree can lie at an offset: in a block of its own, with its header. */
  static void checkBlock(OpenHeap heap, long tree) {
    long size = heap.allocator().blockSize(tree);
    if (size < TREE_SIZE) {
      throw new HeapCorruptedException(
          "tree", tree, "a block of at least " + TREE_SIZE, "%d bytes".formatted(size));
    }
    checkHeader(heap.accessor().getWord(tree), tree);
  }

  /** Throws unless a header is that of the tree at an offset. */
  static void checkHeader(long header, long tree) {
    if (header != TreeLayout.treeHeader(tree)) {
      throw new HeapCorruptedException(
          "tree",
          tree,
          "header 0x%x".formatted(TreeLayout.treeHeader(tree)),
          "0x" + Long.toHexString(header));
    }
  }

  /** Checks everything. */
  void run() {
    findings.check(
        title,
        "tree",
        tree,
        () -> {
          checkBlock(heap, tree);
          reached.visit(tree, TREE_SIZE);
          new TreeWalker(accessor, tree, new Keys()).walk(reached);
        });
  }

  /** Checks what has a key. */
  private final class Keys implements TreeWalker.EntryVisitor {
    private final long seed = accessor.getWord(tree + SEED);

    /** The last entry's key, or the last separator's. */
    private @Nullable K before;

    /** Whether a key equal to that is in its place: right behind a separator. */
    private boolean maybeEqual;

    @Override
    public void entry(long slot, long entry, long lengths) {
      int keyLength = EntryLayout.keyLength(lengths);
      int valueLength = EntryLayout.valueLength(lengths);
      long size = heap.allocator().blockSize(entry);
      check(
          EntryLayout.entrySize(keyLength, valueLength) <= size,
          entry,
          "content within its %d bytes".formatted(size),
          "a key of %d bytes and a value of %d".formatted(keyLength, valueLength));
      if (keyType != null) {
        K key = keyType.readIfAccepted(accessor, entry + ENTRY_KEY, keyLength);
        if (key != null) {
          checkHash(slot, entry, keyType.hash(key, seed));
          checkOrder(slot, entry, key);
          maybeEqual = false;
        }
      }
      if (valueType != null) {
        valueType.readIfAccepted(accessor, EntryLayout.value(entry, keyLength), valueLength);
      }
    }

    private void checkHash(long slot, long entry, long hash) {
      long found = EntryLayout.entryHash(accessor.getWord(entry));
      check((int) hash == (int) found, entry, "the hash of its key", "0x%x".formatted(found));
      boolean isTagged = HashMapLayout.tagMatches(accessor.getWord(slot + LEAF_ENTRY), hash);
      check(isTagged, slot, "the tag of the entry's key", "another");
    }

    @Override
    public void separator(long slot, long block) {
      if (block == 0) {
        return; // prefixes tell all
      }
      long length = ValueBlocks.length(accessor.getWord(block), block);
      long size = heap.allocator().blockSize(block);
      boolean fits = length <= Type.MAX_ENCODED_SIZE && VALUE + length <= size;
      check(fits, block, "content within its %d bytes".formatted(size), length + " bytes");
      if (keyType != null) {
        K key = keyType.readIfAccepted(accessor, block + VALUE, (int) length);
        if (key != null) {
          checkOrder(slot, block, key);
          maybeEqual = true;
        }
      }
    }

    private void checkOrder(long slot, long block, K key) {
      if (order == null) {
        return;
      }
      long prefix = accessor.getWord(slot);
      check(prefix == order.prefix(key), slot, "the prefix of its key", "0x%x".formatted(prefix));
      if (before != null) {
        int compared = order.compare(before, key);
        boolean rises = compared < 0 || (compared == 0 && maybeEqual);
        check(rises, block, "a key beyond that of the one before", "one that is not");
      }
      before = key;
    }
  }

  private static void check(boolean ok, long offset, String expected, String actual) {
    if (!ok) {
      throw new HeapCorruptedException("tree", offset, expected, actual);
    }
  }
}
