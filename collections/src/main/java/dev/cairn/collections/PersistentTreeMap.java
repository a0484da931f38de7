package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentNavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * A sorted map that lives in a heap, a B+-tree. Get one from {@link PersistentHeap#treeMap}.
 *
 * <p><b>Durability.</b> An operation that changes the map is durable when it returns, and atomic: a
 * crash leaves all of it or nothing. Inside {@link PersistentHeap#transact} it becomes durable, and
 * visible to other threads, with the transaction. {@code clear} of a view removes its entries one
 * by one; that of the map is one operation.
 *
 * <p><b>Threads.</b> Safe for use by many. Single operations are linearizable. Readers see
 * committed state only; they take no lock and write no shared memory. The map has one lock: changes
 * come one after the other, each with its fence, and a reader that comes while one is being made
 * waits for it. Where many threads change keys at once and their order does not matter, a {@link
 * PersistentHashMap} serves them better. Inside a transaction, reading locks the map just as
 * writing does, so that what was read stays true until the commit. Iterators are weakly consistent:
 * they show each entry at most once, in order, and never an uncommitted one; those of one leaf, up
 * to 52, are read together.
 *
 * <p><b>Cost.</b> Reads: no fence. {@code put}, {@code replace}, {@code remove}, {@code compute}
 * and the like, alone: one fence; two for a value of more than 4 KiB, and for a put that splits a
 * node: at most about one in 26. Inside a transaction none of their own. A lookup goes through
 * three or four levels for a million entries. {@code size} of the map reads a word; that of a range
 * counts. Nodes that are empty are given back; others are not merged.
 *
 * <p><b>Keys</b> are compared by their {@code compareTo}, byte arrays byte by byte without sign, or
 * by a {@link KeyOrder} whose name the heap keeps. Where it says that two keys are equal, they are
 * one key, as in a {@link java.util.TreeMap}. Keys are found fastest where a word tells them apart:
 * numbers, enums, instants and UUIDs, and strings whose first four chars differ. Neither keys nor
 * values may be null. Values are decoded anew by each read: a change to a returned array changes
 * nothing in the heap.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class PersistentTreeMap<K, V> extends KeyedMap<K, V>
    implements ConcurrentNavigableMap<K, V> {
  private final long offset;
  private final BPlusTree<K, V> tree;
  private final TreeMapView<K, V> all;

  private PersistentTreeMap(
      OpenHeap heap,
      String structure,
      Type<K> keyType,
      SortOrder<K> order,
      Type<V> valueType,
      long offset) {
    super(heap, structure, keyType, valueType, offset, TreeLayout.SEED, false);
    this.offset = offset;
    this.tree = new BPlusTree<>(heap, entries, readsRecords(), keyType, seed, order, offset);
    this.all = new TreeMapView<>(this, KeyRange.all(order), false);
  }

  /** Writes an empty tree into fresh memory, as part of a transaction; returns where it lies. */
  static long create(OpenHeap heap, Transaction transaction, long seed) {
    long tree = heap.allocator().allocate(transaction, TreeLayout.TREE_SIZE);
    MediumAccessor accessor = heap.accessor();
    accessor.fill(tree, TreeLayout.TREE_SIZE, (byte) 0);
    accessor.putWord(tree, TreeLayout.treeHeader(tree));
    accessor.putWord(tree + TreeLayout.SEED, seed);
    return tree;
  }

  /**
   * Opens the tree that lies at an offset.
   *
   * @param structure what it serves as, for messages
   */
  static <K, V> PersistentTreeMap<K, V> open(
      OpenHeap heap,
      String structure,
      Type<K> keyType,
      SortOrder<K> order,
      Type<V> valueType,
      long offset) {
    try {
      TreeVerifier.checkBlock(heap, offset);
      return new PersistentTreeMap<>(heap, structure, keyType, order, valueType, offset);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw heap.explain(e, structure, offset);
    }
  }

  @Override
  KeyTable<K, V> table(long hash) {
    return tree;
  }

  // Reading.

  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, mappingCount());
  }

  /**
   * Counts the entries; {@link #size} cannot say more than {@link Integer#MAX_VALUE}.
   *
   * @return the number of entries
   */
  public long mappingCount() {
    return guard.read(tree.lock, tree::count);
  }

  @Override
  public boolean isEmpty() {
    return mappingCount() == 0;
  }

  /** Reads the nearest entries beyond a key that one leaf holds; from an end of the map if null. */
  List<KeyValue<K, V>> leaf(@Nullable K from, boolean isInclusive, boolean down) {
    return guard.read(
        tree.lock, tx -> tree.read(tx, from, isInclusive, down, TreeLayout.LEAF_CAPACITY));
  }

  /**
   * Reads the nearest entry of a range beyond a key.
   *
   * @param key null for the end of the range
   * @param down whether to look below it
   * @return null if there is none
   */
  @Nullable KeyValue<K, V> near(
      KeyRange<K> range, @Nullable K key, boolean isInclusive, boolean down) {
    return guard.read(tree.lock, tx -> near(tx, range, key, isInclusive, down));
  }

  private @Nullable KeyValue<K, V> near(
      @Nullable Transaction transaction,
      KeyRange<K> range,
      @Nullable K key,
      boolean isInclusive,
      boolean down) {
    K from = key;
    boolean counts = isInclusive;
    // Whoever begins before the range begins where it does.
    if (key == null || (down ? range.isTooHigh(key) : range.isTooLow(key))) {
      from = down ? range.high() : range.low();
      counts = down ? range.hasHigh() : range.hasLow();
    }
    List<KeyValue<K, V>> found = tree.read(transaction, from, counts, down, 1);
    return found.isEmpty() || !range.contains(found.getFirst().key()) ? null : found.getFirst();
  }

  // Changing.

  /** Removes the first entry of a range, or the last one; returns it, or null. */
  @Nullable KeyValue<K, V> poll(KeyRange<K> range, boolean down) {
    return guard.change(
        tree.lock,
        transaction -> {
          KeyValue<K, V> entry = near(transaction, range, null, true, down);
          if (entry != null) {
            K key = entry.key();
            long hash = keyType.hash(key, seed);
            long slot = tree.find(transaction, key, hash);
            if (slot != 0) { // a constructor that was called to read the value may have removed it
              tree.remove(transaction, slot, key, hash);
            }
          }
          return entry;
        });
  }

  /**
   * Removes all entries, atomically. Costs one fence if there are few blocks, else three, and one
   * step for each block; the log takes 16 bytes for each.
   *
   * @throws dev.cairn.tx.TransactionTooLargeException if the heap has no room for the log; the map
   *     is as before
   */
  @Override
  public void clear() {
    guard.change(
        tree.lock,
        transaction -> {
          transaction.settle();
          tree.clear(transaction);
          transaction.sealIfLarge();
          return true;
        });
  }

  /** Locks everything for a transaction, so that a walker finds a committed state. */
  void lockAll(Transaction transaction) {
    transaction.lock(tree.lock);
  }

  /**
   * Walks the map: checks each invariant of its structure, that keys rise, are where branches say,
   * and are those that prefixes and hashes stand for, that keys and values can be decoded, and that
   * each block is allocated. Values have no checksum: one that was damaged into another value of
   * its type is not noticed. Locks the map meanwhile. {@link PersistentHeap#verify} does this for
   * all collections, and finds leaks too.
   *
   * @throws dev.cairn.heap.HeapCorruptedException if something is wrong: says what and where;
   *     further findings are its {@linkplain Throwable#getSuppressed suppressed} exceptions;
   *     nothing is changed
   * @throws dev.cairn.tx.TransactionConflictException if it waited for a transaction that waits for
   *     it, or for too long
   * @throws IllegalStateException if the thread is in a transaction
   */
  public void verify() {
    guard.verify(
        this::lockAll,
        (reached, findings) ->
            new TreeVerifier<>(
                    guard.heap(),
                    guard.structure(),
                    offset,
                    keyType,
                    tree.order(),
                    valueType,
                    reached,
                    findings)
                .run());
  }

  long offset() {
    return offset;
  }

  /** All of it, as a range. */
  TreeMapView<K, V> all() {
    return all;
  }

  // Views.

  @Override
  Iterator<Entry<K, V>> entryIterator() {
    return all.entryIterator();
  }

  @Override
  public @Nullable Entry<K, V> lowerEntry(K key) {
    return all.lowerEntry(key);
  }

  @Override
  public @Nullable Entry<K, V> floorEntry(K key) {
    return all.floorEntry(key);
  }

  @Override
  public @Nullable Entry<K, V> ceilingEntry(K key) {
    return all.ceilingEntry(key);
  }

  @Override
  public @Nullable Entry<K, V> higherEntry(K key) {
    return all.higherEntry(key);
  }

  @Override
  public @Nullable K lowerKey(K key) {
    return all.lowerKey(key);
  }

  @Override
  public @Nullable K floorKey(K key) {
    return all.floorKey(key);
  }

  @Override
  public @Nullable K ceilingKey(K key) {
    return all.ceilingKey(key);
  }

  @Override
  public @Nullable K higherKey(K key) {
    return all.higherKey(key);
  }

  @Override
  public @Nullable Entry<K, V> firstEntry() {
    return all.firstEntry();
  }

  @Override
  public @Nullable Entry<K, V> lastEntry() {
    return all.lastEntry();
  }

  @Override
  public K firstKey() {
    return all.firstKey();
  }

  @Override
  public K lastKey() {
    return all.lastKey();
  }

  @Override
  public @Nullable Entry<K, V> pollFirstEntry() {
    return all.pollFirstEntry();
  }

  @Override
  public @Nullable Entry<K, V> pollLastEntry() {
    return all.pollLastEntry();
  }

  @Override
  public @Nullable Comparator<? super K> comparator() {
    return all.comparator();
  }

  @Override
  public ConcurrentNavigableMap<K, V> subMap(
      K fromKey, boolean fromInclusive, K toKey, boolean toInclusive) {
    return all.subMap(fromKey, fromInclusive, toKey, toInclusive);
  }

  @Override
  public ConcurrentNavigableMap<K, V> headMap(K toKey, boolean inclusive) {
    return all.headMap(toKey, inclusive);
  }

  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K fromKey, boolean inclusive) {
    return all.tailMap(fromKey, inclusive);
  }

  @Override
  public ConcurrentNavigableMap<K, V> subMap(K fromKey, K toKey) {
    return all.subMap(fromKey, toKey);
  }

  @Override
  public ConcurrentNavigableMap<K, V> headMap(K toKey) {
    return all.headMap(toKey);
  }

  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K fromKey) {
    return all.tailMap(fromKey);
  }

  @Override
  public ConcurrentNavigableMap<K, V> descendingMap() {
    return all.descendingMap();
  }

  @Override
  public NavigableSet<K> navigableKeySet() {
    return all.navigableKeySet();
  }

  @Override
  public NavigableSet<K> keySet() {
    return all.keySet();
  }

  @Override
  public NavigableSet<K> descendingKeySet() {
    return all.descendingKeySet();
  }
}
