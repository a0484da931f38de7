package dev.cairn.collections;

import static dev.cairn.collections.EntryLayout.ENTRY_KEY;
import static dev.cairn.collections.TreeLayout.BRANCH_CHILD;
import static dev.cairn.collections.TreeLayout.BRANCH_KEY;
import static dev.cairn.collections.TreeLayout.FIRST_SLOT;
import static dev.cairn.collections.TreeLayout.LEAF_ENTRY;
import static dev.cairn.collections.TreeLayout.ORDER;
import static dev.cairn.collections.TreeLayout.ORDER_SIZE;
import static dev.cairn.collections.TreeLayout.USED;
import static dev.cairn.collections.ValueBlocks.VALUE;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a tree, each by itself: slots in the order of their keys, found, added, removed, and
 * moved to a sibling. To add or remove a slot changes the line with the slot numbers, and at most
 * one slot; to give half of a node away changes one word of it.
 *
 * <p>Levels count from the leaves up, which are 1. As everywhere, what reads without a transaction
 * may meet garbage: each number is checked before it leads anywhere.
 */
final class TreeNodes<K> {
  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final ValueBlocks<K> keys;
  private final SortOrder<K> order;
  private final Entries<K, ?> entries;

  TreeNodes(OpenHeap heap, Type<K> keyType, SortOrder<K> order, Entries<K, ?> entries) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.keys = new ValueBlocks<>(heap, keyType);
    this.order = order;
    this.entries = entries;
  }

  // Reading: with or without the lock.

  private long word(@Nullable Transaction transaction, long offset) {
    return transaction == null ? accessor.getWord(offset) : transaction.getWord(offset);
  }

  /**
   * Reads a word of each line of a node, so that memory is waited for once: a search would come to
   * the next line only when it has the one before.
   */
  void readAhead(long node, int level) {
    long size = TreeLayout.nodeSize(level);
    if (node > accessor.size() - size) {
      return; // garbage: who reads it will know
    }
    long sum = 0;
    for (long at = 0; at < size; at += HashMapLayout.LINE_SIZE) {
      sum += accessor.getWord(node + at);
    }
    if (sum == KeyTable.UNLIKELY) {
      Thread.onSpinWait(); // keeps the reads from being left out
    }
  }

  /** Counts a node's slots in use, after a look at its header. */
  int count(@Nullable Transaction transaction, long node, int level) {
    long header = accessor.getWord(node);
    if (header != TreeLayout.nodeHeader(node, level)) {
      throw new HeapCorruptedException(
          "node",
          node,
          "header 0x%x, of level %d".formatted(TreeLayout.nodeHeader(node, level), level),
          "0x" + Long.toHexString(header));
    }
    int count = (int) word(transaction, node + USED) & 0xFF;
    if (count > TreeLayout.capacity(level)) {
      throw new HeapCorruptedException(
          "node", node, "at most %d slots".formatted(TreeLayout.capacity(level)), count + " slots");
    }
    return count;
  }

  /** Finds the slot at a place in the order of keys. */
  long slot(@Nullable Transaction transaction, long node, int level, int position) {
    long at = ORDER + position;
    long numbers = word(transaction, node + (at & -Long.BYTES));
    int number = (int) (numbers >>> (at % Long.BYTES * Byte.SIZE)) & 0xFF;
    if (number >= TreeLayout.capacity(level)) {
      throw new HeapCorruptedException(
          "node",
          node,
          "numbers of slots below %d".formatted(TreeLayout.capacity(level)),
          "slot " + number);
    }
    return node + FIRST_SLOT + number * TreeLayout.slotSize(level);
  }

  long child(@Nullable Transaction transaction, long branch, int level, int position) {
    return word(transaction, slot(transaction, branch, level, position) + BRANCH_CHILD);
  }

  /** The offset of the entry that a leaf's slot names. */
  long entry(@Nullable Transaction transaction, long slot) {
    return HashMapLayout.entry(word(transaction, slot + LEAF_ENTRY));
  }

  long prefix(@Nullable Transaction transaction, long slot) {
    return word(transaction, slot);
  }

  /** Finds the child of a branch that a key belongs to. */
  int childPosition(
      @Nullable Transaction transaction, long branch, int level, int count, long prefix, K key) {
    int low = 1; // the first child has no separator: it takes whatever is less than the second's
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      long slot = slot(transaction, branch, level, middle);
      if (compareSeparator(transaction, slot, prefix, key) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  private int compareSeparator(@Nullable Transaction transaction, long slot, long prefix, K key) {
    int compared = Long.compareUnsigned(word(transaction, slot), prefix);
    if (compared != 0 || order.isWhole()) {
      return compared;
    }
    long block = word(transaction, slot + BRANCH_KEY);
    if (block == 0) {
      return -1; // the least key with this prefix
    }
    return order.compareStored(accessor, block + VALUE, keys.length(block), key);
  }

  /** Finds the first slot of a leaf whose key is not less than another; count if there is none. */
  int lowerBound(@Nullable Transaction transaction, long leaf, int count, long prefix, K key) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(transaction, slot(transaction, leaf, 1, middle), prefix, key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Compares the key of a leaf's slot with another. */
  int compare(@Nullable Transaction transaction, long slot, long prefix, K key) {
    int compared = Long.compareUnsigned(word(transaction, slot), prefix);
    if (compared != 0 || order.isWhole()) {
      return compared;
    }
    long entry = entry(transaction, slot);
    int length = EntryLayout.keyLength(entries.check(entry));
    return order.compareStored(accessor, entry + ENTRY_KEY, length, key);
  }

  /**
   * Finds the slot of a key in a leaf; returns its position, or -1. Where equal keys have equal
   * hashes, tags spare the look at entries of other keys with the same prefix.
   */
  int find(@Nullable Transaction transaction, long leaf, int count, long prefix, K key, long hash) {
    if (!order.isConsistent()) {
      int position = lowerBound(transaction, leaf, count, prefix, key);
      boolean found =
          position < count
              && compare(transaction, slot(transaction, leaf, 1, position), prefix, key) == 0;
      return found ? position : -1;
    }
    for (int i = firstOfPrefix(transaction, leaf, count, prefix); i < count; i++) {
      long slot = slot(transaction, leaf, 1, i);
      if (word(transaction, slot) != prefix) {
        return -1;
      }
      long named = word(transaction, slot + LEAF_ENTRY);
      if (HashMapLayout.tagMatches(named, hash)
          && entries.hasKey(HashMapLayout.entry(named), key, 0, hash)) {
        return i;
      }
    }
    return -1;
  }

  private int firstOfPrefix(@Nullable Transaction transaction, long leaf, int count, long prefix) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      long other = word(transaction, slot(transaction, leaf, 1, middle));
      if (Long.compareUnsigned(other, prefix) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  // Changing: with the lock, by a transaction that says that it does.

  /** Makes an empty node in loose memory, which the transaction may store to and defer. */
  long make(Transaction transaction, int level) {
    long node = allocator.allocate(transaction, TreeLayout.nodeSize(level));
    clear(node, level);
    return node;
  }

  /** Makes the first leaf of a tree, with its first entry, for which the record can vouch. */
  long makeFirst(Transaction transaction, long prefix, long named) {
    long leaf = allocator.allocateRevisable(transaction, TreeLayout.LEAF_SIZE);
    clear(leaf, 1);
    append(leaf, 1, prefix, named, 0);
    return leaf;
  }

  private void clear(long node, int level) {
    accessor.fill(node, TreeLayout.nodeSize(level), (byte) 0);
    accessor.putWord(node, TreeLayout.nodeHeader(node, level));
    for (int i = 0; i < TreeLayout.capacity(level); i++) {
      accessor.putByte(node + ORDER + i, (byte) i);
    }
  }

  /** Stores a slot behind the last one of a node that nothing leads to yet. */
  void append(long node, int level, long prefix, long second, long third) {
    int count = accessor.getByte(node + USED);
    long slot = node + FIRST_SLOT + count * TreeLayout.slotSize(level);
    accessor.putWord(slot, prefix);
    accessor.putWord(slot + Long.BYTES, second);
    if (level > 1) {
      accessor.putWord(slot + BRANCH_CHILD, third);
    }
    accessor.putByte(node + USED, (byte) (count + 1));
  }

  /** Leaves the first child of a branch that nothing leads to yet without a separator. */
  void forgetFirstSeparator(long branch) {
    accessor.putWord(branch + FIRST_SLOT, 0);
    accessor.putWord(branch + FIRST_SLOT + BRANCH_KEY, 0);
  }

  /** Moves the slots from a position on into an empty node that nothing leads to yet. */
  void moveUpper(Transaction transaction, long node, int level, int from, long target) {
    int count = count(transaction, node, level);
    for (int i = from; i < count; i++) {
      long slot = slot(transaction, node, level, i);
      long third = level == 1 ? 0 : transaction.getWord(slot + BRANCH_CHILD);
      append(
          target, level, transaction.getWord(slot), transaction.getWord(slot + Long.BYTES), third);
    }
    if (from < count) {
      long first = transaction.getWord(node + USED);
      transaction.deferWord(node + USED, (first & -0x100L) | from);
    }
  }

  /** Adds a slot to a leaf that has room. */
  void insertEntry(Transaction transaction, long leaf, int position, long prefix, long named) {
    long slot = insert(transaction, leaf, 1, position);
    transaction.deferWord(slot, prefix);
    transaction.deferWord(slot + LEAF_ENTRY, named);
  }

  /** Adds a slot to a branch that has room. */
  void insertChild(
      Transaction transaction,
      long branch,
      int level,
      int position,
      long prefix,
      long key,
      long child) {
    long slot = insert(transaction, branch, level, position);
    transaction.deferWord(slot, prefix);
    transaction.deferWord(slot + BRANCH_KEY, key);
    transaction.deferWord(slot + BRANCH_CHILD, child);
  }

  /** Puts the first free slot into the order of keys; returns it. */
  private long insert(Transaction transaction, long node, int level, int position) {
    int count = count(transaction, node, level);
    assert count < TreeLayout.capacity(level) : count;
    long slot = slot(transaction, node, level, count);
    MediumAccessor numbers = numbers(transaction, node);
    byte free = numbers.getByte(count + 1L);
    for (int i = count; i > position; i--) {
      numbers.putByte(i + 1L, numbers.getByte(i));
    }
    numbers.putByte(position + 1L, free);
    numbers.putByte(0, (byte) (count + 1));
    deferNumbers(transaction, node, numbers);
    return slot;
  }

  /** Takes a slot out of the order of keys: it is free. */
  void remove(Transaction transaction, long node, int level, int position) {
    int count = count(transaction, node, level);
    MediumAccessor numbers = numbers(transaction, node);
    byte free = numbers.getByte(position + 1L);
    for (int i = position + 1; i < count; i++) {
      numbers.putByte(i, numbers.getByte(i + 1L));
    }
    numbers.putByte(count, free);
    numbers.putByte(0, (byte) (count - 1));
    deferNumbers(transaction, node, numbers);
  }

  /** Copies the count and the slot numbers of a node, as the transaction has set them. */
  private static MediumAccessor numbers(Transaction transaction, long node) {
    MediumAccessor numbers = transaction.borrowScratch(ORDER_SIZE);
    for (long at = 0; at < ORDER_SIZE; at += Long.BYTES) {
      numbers.putWord(at, transaction.getWord(node + USED + at));
    }
    return numbers;
  }

  /** Defers those of the words with the count and the numbers that are others now. */
  private static void deferNumbers(Transaction transaction, long node, MediumAccessor numbers) {
    for (long at = 0; at < ORDER_SIZE; at += Long.BYTES) {
      long word = numbers.getWord(at);
      if (word != transaction.getWord(node + USED + at)) {
        transaction.deferWord(node + USED + at, word);
      }
    }
    transaction.giveBack(numbers);
  }

  /** Writes the key of a separator into a block of its own; returns where it is. */
  long writeKey(Transaction transaction, K key) {
    return keys.write(transaction, key);
  }
}
