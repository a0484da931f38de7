package dev.cairn.collections;

import static dev.cairn.collections.TreeLayout.BRANCH_CAPACITY;
import static dev.cairn.collections.TreeLayout.BRANCH_KEY;
import static dev.cairn.collections.TreeLayout.COUNT;
import static dev.cairn.collections.TreeLayout.LEAF_CAPACITY;
import static dev.cairn.collections.TreeLayout.LEAF_ENTRY;
import static dev.cairn.collections.TreeLayout.MARK;
import static dev.cairn.collections.TreeLayout.MOST_LEVELS;
import static dev.cairn.collections.TreeLayout.ROOT;
import static java.util.Objects.requireNonNull;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.spi.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A B+-tree: entries in the leaves, in the order of their keys, and above them branches that say
 * which keys are where. Slots of a node lie in any order; a line of slot numbers sorts them, so
 * that an insertion moves none (as in the write-atomic B+-tree of Chen and Jin, VLDB 2015). A node
 * that is full gives its upper half to a sibling, fresh memory that nothing leads to before the
 * commit, and loses it by a change of one word. A node is freed when it is empty, and not before
 * (Johnson and Shasha, 1993: it costs little room, and spares nearly all changes to branches).
 *
 * <pre>
 * I1  All leaves are at level 1. No node is empty. Each is named once, by the level above.
 * I2  A node's slot numbers are a permutation; those of the slots in use come first, in the order of
 *     their keys.
 * I3  A branch's child at position i has the keys from separator i, inclusive, to separator i + 1,
 *     exclusive. What the first slot says as a separator means nothing: its child has whatever of
 *     the branch's keys is less than the second separator.
 * I4  A separator without a key stands for the least key with its prefix.
 * I5  count is the number of entries. A tree without entries has no node.
 * </pre>
 */
final class BPlusTree<K, V> extends KeyTable<K, V> {
  private final TreeNodes<K> nodes;
  private final Type<K> keyType;
  private final long seed;
  private final SortOrder<K> order;
  private final long tree;

  /**
   * Creates a view of a tree.
   *
   * @param entries of its map
   * @param readsRecords whether values are records
   * @param seed of the hashes of keys
   * @param tree where it lies
   */
  BPlusTree(
      OpenHeap heap,
      Entries<K, V> entries,
      boolean readsRecords,
      Type<K> keyType,
      long seed,
      SortOrder<K> order,
      long tree) {
    super(heap, entries, readsRecords, tree + ROOT, tree + MARK);
    this.nodes = new TreeNodes<>(heap, keyType, order, entries);
    this.keyType = keyType;
    this.seed = seed;
    this.order = order;
    this.tree = tree;
  }

  SortOrder<K> order() {
    return order;
  }

  // Reading: with or without the lock.

  @Override
  long count(@Nullable Transaction transaction) {
    long count = word(transaction, tree + COUNT);
    if (count < 0 || count > accessor.size() / EntryLayout.ENTRY_KEY) {
      throw new HeapCorruptedException(
          "tree", tree, "a count of entries that fit into the heap", "count " + count);
    }
    TreeVerifier.checkHeader(accessor.getWord(tree), tree);
    return count;
  }

  /** Returns the level of the top node. */
  private int height(long root) {
    int level = TreeLayout.level(root);
    if (level == 0 || level > MOST_LEVELS) {
      throw new HeapCorruptedException(
          "tree", tree, "a level from 1 to " + MOST_LEVELS, "level " + level);
    }
    return level;
  }

  @Override
  long find(@Nullable Transaction transaction, @Nullable K object, long bits, long hash) {
    K key = requireNonNull(object); // there are no sorted maps of words
    long root = root(transaction);
    if (root == 0) {
      TreeVerifier.checkHeader(accessor.getWord(tree), tree); // a lost line would be an empty tree
      return 0;
    }
    long prefix = order.prefix(key);
    long leaf = leaf(transaction, root, prefix, key);
    int position =
        nodes.find(transaction, leaf, nodes.count(transaction, leaf, 1), prefix, key, hash);
    return position < 0 ? 0 : nodes.slot(transaction, leaf, 1, position) + LEAF_ENTRY;
  }

  /** Finds the leaf that a key belongs to. */
  private long leaf(@Nullable Transaction transaction, long root, long prefix, K key) {
    long node = TreeLayout.node(root);
    for (int level = height(root); level > 1; level--) {
      int count = nodes.count(transaction, node, level);
      int position = nodes.childPosition(transaction, node, level, count, prefix, key);
      node = nodes.child(transaction, node, level, position);
    }
    nodes.readAhead(node, 1);
    return node;
  }

  /**
   * Decodes entries in the order of keys, or the other way round: the nearest ones beyond a key
   * that one leaf holds.
   *
   * @param from where to begin; null for the end of the tree
   * @param isInclusive whether the key itself counts
   * @param isDescending whether to go down
   * @param most how many to read at most
   * @return the entries; empty if there is none
   */
  List<KeyValue<K, V>> read(
      @Nullable Transaction transaction,
      @Nullable K from,
      boolean isInclusive,
      boolean isDescending,
      int most) {
    long root = root(transaction);
    if (root == 0) {
      TreeVerifier.checkHeader(accessor.getWord(tree), tree);
      return List.of();
    }
    long prefix = from == null ? 0 : order.prefix(from);
    int step = isDescending ? -1 : 1;
    long node = TreeLayout.node(root);
    long beside = 0; // the nearest subtree beyond the leaf that is being looked for
    int besideLevel = 0;
    for (int level = height(root); level > 1; level--) {
      int count = nodes.count(transaction, node, level);
      int position =
          from == null
              ? edge(count, isDescending)
              : nodes.childPosition(transaction, node, level, count, prefix, from);
      int next = position + step;
      if (next >= 0 && next < count) {
        beside = nodes.child(transaction, node, level, next);
        besideLevel = level - 1;
      }
      node = nodes.child(transaction, node, level, position);
    }
    int count = nodes.count(transaction, node, 1);
    int position =
        from == null
            ? edge(count, isDescending)
            : beyond(transaction, node, count, prefix, from, isInclusive, isDescending);
    if ((position < 0 || position >= count) && beside != 0) {
      node = beside;
      for (int level = besideLevel; level > 1; level--) {
        int last = nodes.count(transaction, node, level);
        node = nodes.child(transaction, node, level, edge(last, isDescending));
      }
      count = nodes.count(transaction, node, 1);
      position = edge(count, isDescending);
    }
    int available = isDescending ? position + 1 : count - position;
    return decode(transaction, node, position, step, Math.min(available, most), from, isInclusive);
  }

  private static int edge(int count, boolean isDescending) {
    return isDescending ? count - 1 : 0;
  }

  /** Finds the position in a leaf of the nearest key beyond another; it may be outside. */
  private int beyond(
      @Nullable Transaction transaction,
      long leaf,
      int count,
      long prefix,
      K key,
      boolean isInclusive,
      boolean isDescending) {
    int position = nodes.lowerBound(transaction, leaf, count, prefix, key);
    boolean isThere =
        position < count
            && nodes.compare(transaction, nodes.slot(transaction, leaf, 1, position), prefix, key)
                == 0;
    if (isDescending) {
      return isThere && isInclusive ? position : position - 1;
    }
    return isThere && !isInclusive ? position + 1 : position;
  }

  /** Decodes entries of a leaf, and makes sure that each is beyond the one before. */
  private List<KeyValue<K, V>> decode(
      @Nullable Transaction transaction,
      long leaf,
      int first,
      int step,
      int count,
      @Nullable K from,
      boolean isInclusive) {
    List<KeyValue<K, V>> target = new ArrayList<>(Math.max(count, 0));
    if (count > 1 && readAhead(transaction, leaf, first, step, count) == UNLIKELY) {
      Thread.onSpinWait(); // keeps the reads from being left out
    }
    K before = from;
    int least = isInclusive ? 0 : 1;
    for (int i = 0; i < count; i++) {
      long slot = nodes.slot(transaction, leaf, 1, first + i * step);
      long entry = nodes.entry(transaction, slot);
      long lengths = entries.check(entry);
      V value = entries.value(transaction, entry, lengths);
      K key = entries.key(entry, lengths);
      // A ring of nodes would otherwise be walked for ever.
      if (before != null && Integer.signum(order.compare(key, before)) * step < least) {
        throw new HeapCorruptedException(
            "entry", entry, "a key beyond that of the entry before", "one that is not");
      }
      least = 1;
      before = key;
      target.add(new KeyValue<>(key, value));
    }
    return target;
  }

  /** Reads a word of each entry, so that memory is waited for once, for many of them. */
  private long readAhead(
      @Nullable Transaction transaction, long leaf, int first, int step, int count) {
    long end = accessor.size() - 2 * HashMapLayout.LINE_SIZE;
    long sum = 0;
    for (int i = 0; i < count; i++) {
      long entry = nodes.entry(transaction, nodes.slot(transaction, leaf, 1, first + i * step));
      if (entry <= end) {
        sum += accessor.getWord(entry) + accessor.getWord(entry + HashMapLayout.LINE_SIZE);
      }
    }
    return sum;
  }

  // Changing: with the lock.

  @Override
  void insert(Transaction transaction, K key, V value, long hash) {
    transaction.changes(lock);
    long entry = entries.write(transaction, key, value, hash); // refuses what cannot be stored
    long named = HashMapLayout.slot(hash, entry);
    long prefix = order.prefix(key);
    long root = root(transaction);
    if (root == 0) {
      long leaf = nodes.makeFirst(transaction, prefix, named);
      transaction.deferWord(tree + ROOT, TreeLayout.rootWord(leaf, 1));
    } else {
      long leaf = leaf(transaction, root, prefix, key);
      int count = nodes.count(transaction, leaf, 1);
      if (count < LEAF_CAPACITY) {
        int position = nodes.lowerBound(transaction, leaf, count, prefix, key);
        nodes.insertEntry(transaction, leaf, position, prefix, named);
      } else {
        splitLeaf(transaction, path(transaction, root, prefix, key), key, prefix, named);
      }
    }
    transaction.deferWord(tree + COUNT, count(transaction) + 1);
  }

  /** Finds the way to where a key is, or should be. */
  private TreePath path(Transaction transaction, long root, long prefix, K key) {
    TreePath path = new TreePath(height(root));
    long node = TreeLayout.node(root);
    for (int level = path.height(); level > 1; level--) {
      int count = nodes.count(transaction, node, level);
      int position = nodes.childPosition(transaction, node, level, count, prefix, key);
      path.set(level, node, position, count);
      node = nodes.child(transaction, node, level, position);
    }
    int count = nodes.count(transaction, node, 1);
    path.set(1, node, nodes.lowerBound(transaction, node, count, prefix, key), count);
    return path;
  }

  /**
   * Adds a slot to a full leaf, which gives its upper half to a sibling. Where keys only ever rise,
   * the sibling begins with the new one alone, so that leaves stay full.
   */
  private void splitLeaf(Transaction transaction, TreePath path, K key, long prefix, long named) {
    long leaf = path.node(1);
    int position = path.position(1);
    boolean isAppended = path.isRightmost() && position == LEAF_CAPACITY;
    int kept = isAppended ? LEAF_CAPACITY : LEAF_CAPACITY / 2;
    long lastKept = nodes.slot(transaction, leaf, 1, kept - 1);
    long prefixBefore = nodes.prefix(transaction, lastKept);
    long sibling = nodes.make(transaction, 1);
    nodes.moveUpper(transaction, leaf, 1, kept, sibling);
    long separator;
    K separatorKey;
    if (isAppended) {
      nodes.append(sibling, 1, prefix, named, 0);
      separator = prefix;
      separatorKey = key;
    } else {
      long first = nodes.slot(transaction, sibling, 1, 0);
      separator = nodes.prefix(transaction, first);
      long entry = nodes.entry(transaction, first);
      separatorKey = entries.key(entry, entries.check(entry));
      if (position <= kept) {
        nodes.insertEntry(transaction, leaf, position, prefix, named);
        prefixBefore = position == kept ? prefix : prefixBefore;
      } else {
        nodes.insertEntry(transaction, sibling, position - kept, prefix, named);
      }
    }
    boolean needsKey = !order.isWhole() && separator == prefixBefore;
    long block = needsKey ? nodes.writeKey(transaction, separatorKey) : 0;
    addChild(transaction, path, 2, separator, block, sibling);
  }

  /** Adds a child behind the one that a path leads to; splits branches that are full. */
  private void addChild(
      Transaction transaction, TreePath path, int level, long prefix, long key, long child) {
    if (level > path.height()) {
      long top = nodes.make(transaction, level);
      nodes.append(top, level, 0, 0, path.node(level - 1));
      nodes.append(top, level, prefix, key, child);
      transaction.deferWord(tree + ROOT, TreeLayout.rootWord(top, level));
      return;
    }
    long branch = path.node(level);
    int position = path.position(level) + 1;
    int count = nodes.count(transaction, branch, level);
    if (count < BRANCH_CAPACITY) {
      nodes.insertChild(transaction, branch, level, position, prefix, key, child);
      return;
    }
    boolean isAppended = path.isRightmost() && position == count;
    int kept = isAppended ? count - 1 : count / 2;
    long middle = nodes.slot(transaction, branch, level, kept);
    long upPrefix = transaction.getWord(middle);
    long upKey = transaction.getWord(middle + BRANCH_KEY);
    long sibling = nodes.make(transaction, level);
    nodes.moveUpper(transaction, branch, level, kept, sibling);
    nodes.forgetFirstSeparator(sibling); // it goes up
    if (position <= kept) {
      nodes.insertChild(transaction, branch, level, position, prefix, key, child);
    } else {
      nodes.insertChild(transaction, sibling, level, position - kept, prefix, key, child);
    }
    addChild(transaction, path, level + 1, upPrefix, upKey, sibling);
  }

  /** Leaves the key as it is: where the order says that two are equal, they may differ. */
  @Override
  void replace(Transaction transaction, long slot, K key, V value, long hash) {
    if (order.isConsistent()) {
      super.replace(transaction, slot, key, value, hash);
    } else {
      long entry = entry(transaction, slot);
      K stored = entries.key(entry, entries.check(entry));
      super.replace(transaction, slot, stored, value, keyType.hash(stored, seed));
    }
  }

  @Override
  void remove(Transaction transaction, long slot, K key, long hash) {
    transaction.changes(lock);
    long entry = entry(transaction, slot);
    long root = root(transaction);
    long prefix = order.prefix(key);
    long leaf = leaf(transaction, root, prefix, key);
    int count = nodes.count(transaction, leaf, 1);
    if (count > 1) {
      int position = nodes.find(transaction, leaf, count, prefix, key, hash);
      nodes.remove(transaction, leaf, 1, position);
    } else {
      removeNode(transaction, path(transaction, root, prefix, key), 1);
    }
    allocator.free(transaction, entry);
    transaction.deferWord(tree + COUNT, count(transaction) - 1);
  }

  /** Removes a node that has nothing left but what is being removed. */
  private void removeNode(Transaction transaction, TreePath path, int level) {
    allocator.free(transaction, path.node(level));
    int above = level + 1;
    if (above > path.height()) {
      transaction.deferWord(tree + ROOT, 0);
      return;
    }
    long branch = path.node(above);
    int position = path.position(above);
    freeKey(transaction, nodes.slot(transaction, branch, above, position));
    int count = nodes.count(transaction, branch, above);
    if (count == 1) {
      removeNode(transaction, path, above);
      return;
    }
    nodes.remove(transaction, branch, above, position);
    if (above == path.height() && count == 2) {
      lowerRoot(transaction, branch, above);
    }
  }

  /** Makes the only child of the top node the top node, as often as that has but one. */
  private void lowerRoot(Transaction transaction, long top, int height) {
    long node = top;
    int level = height;
    while (level > 1 && nodes.count(transaction, node, level) == 1) {
      long slot = nodes.slot(transaction, node, level, 0);
      freeKey(transaction, slot);
      allocator.free(transaction, node);
      node = nodes.child(transaction, node, level, 0);
      level--;
    }
    transaction.deferWord(tree + ROOT, TreeLayout.rootWord(node, level));
  }

  private void freeKey(Transaction transaction, long slot) {
    long block = transaction.getWord(slot + BRANCH_KEY);
    if (block != 0) {
      allocator.free(transaction, block);
    }
  }

  @Override
  void clear(Transaction transaction) {
    long root = root(null);
    if (root != 0) {
      transaction.changes(lock);
      new TreeWalker(accessor, tree, TreeWalker.EntryVisitor.NONE)
          .walk((block, length) -> allocator.free(transaction, block));
      transaction.deferWord(tree + ROOT, 0);
      transaction.deferWord(tree + COUNT, 0);
    }
  }
}
