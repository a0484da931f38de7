package dev.cairn.collections;

import static dev.cairn.collections.HashMapLayout.STRIPES;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import java.util.Iterator;
import java.util.Set;

/**
 * A hash map that lives in a heap. Get one from {@link PersistentHeap#map}.
 *
 * <p><b>Durability.</b> An operation that changes the map is durable when it returns, and atomic: a
 * crash leaves all of it or nothing. Inside {@link PersistentHeap#transact} it becomes durable, and
 * visible to other threads, with the transaction.
 *
 * <p><b>Threads.</b> Safe for use by many. Single operations are linearizable. Readers see
 * committed state only; they take no lock and write no shared memory. A reader that meets a key
 * which a running transaction has changed, or one of the same stripe (a 64th of the keys), waits
 * until it has ended. Inside a transaction, reading locks a stripe just as writing does, so that
 * what was read stays true until the commit. Iterators are weakly consistent: they show each entry
 * at most once, and never an uncommitted one.
 *
 * <p><b>Cost.</b> {@code get}: no fence. {@code put}, {@code replace}, {@code remove}, {@code
 * compute} and the like, alone: one fence; one more for a value of more than 4 KiB, and for a put
 * that makes a table larger: about one in eighty. Inside a transaction none of their own. The map
 * grows segment by segment; a stripe's directory doubles now and then. It does not shrink, but for
 * {@link #clear}. {@code size} adds up 64 counts.
 *
 * <p>Neither keys nor values may be null. Keys are equal if their encodings are: see {@link Type}.
 * In particular, {@code byte[]} keys are compared by content. Values are decoded anew by each read:
 * a change to a returned array changes nothing in the heap.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class PersistentHashMap<K, V> extends KeyedMap<K, V> {
  private final long map;
  private final HashStripe<K, V>[] stripes;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  private PersistentHashMap(
      OpenHeap heap,
      String structure,
      Type<K> keyType,
      Type<V> valueType,
      long map,
      boolean committed) {
    super(heap, structure, keyType, valueType, map, HashMapLayout.SEED, committed);
    this.map = map;
    this.stripes = new HashStripe[STRIPES];
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new HashStripe<>(heap, entries, readsRecords(), map, seed, i);
    }
  }

  /** Writes an empty map into fresh memory, as part of a transaction; returns where it lies. */
  static long create(OpenHeap heap, Transaction transaction, long seed) {
    long map = heap.allocator().allocate(transaction, HashMapLayout.MAP_SIZE);
    MediumAccessor accessor = heap.accessor();
    accessor.fill(map, HashMapLayout.MAP_SIZE, (byte) 0);
    accessor.putWord(map, BlockHeader.of(BlockHeader.MAP, 0));
    accessor.putWord(map + HashMapLayout.SEED, seed);
    for (int i = 0; i < STRIPES; i++) {
      long identity = HashMapLayout.identity(seed, i);
      accessor.putWord(HashMapLayout.stripe(map, i) + HashMapLayout.STRIPE_IDENTITY, identity);
    }
    return map;
  }

  /** Opens the map that lies at an offset. */
  static <K, V> PersistentHashMap<K, V> open(
      OpenHeap heap, Type<K> keyType, Type<V> valueType, long map) {
    return open(heap, "map", keyType, valueType, map, false);
  }

  /**
   * Opens the map that lies at an offset.
   *
   * @param structure what it serves as, for messages
   * @param committed as of {@link Guard}
   */
  static <K, V> PersistentHashMap<K, V> open(
      OpenHeap heap,
      String structure,
      Type<K> keyType,
      Type<V> valueType,
      long map,
      boolean committed) {
    try {
      MapVerifier.checkBlock(heap.accessor(), heap.allocator(), map);
      return new PersistentHashMap<>(heap, structure, keyType, valueType, map, committed);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw heap.explain(e, structure, map);
    }
  }

  // Reading.

  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, mappingCount());
  }

  /**
   * Counts the entries; {@link #size} cannot say more than {@link Integer#MAX_VALUE}.
   *
   * @return the number of entries: exact if nobody changes the map meanwhile
   */
  public long mappingCount() {
    long sum = 0;
    for (HashStripe<K, V> stripe : stripes) {
      sum += guard.read(stripe.lock, stripe::count);
    }
    // Arrays are made of this size: a count that no heap has room for must not get there.
    if (sum > accessor.size() / EntryLayout.ENTRY_KEY) {
      throw new HeapCorruptedException(
          "map", map, "counts of entries that fit into the heap", sum + " entries");
    }
    return sum;
  }

  @Override
  public boolean isEmpty() {
    return mappingCount() == 0;
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
    Transaction transaction = enter();
    try {
      lockAll(transaction);
      transaction.settle();
      for (HashStripe<K, V> stripe : stripes) {
        stripe.clear(transaction);
      }
      // One seal for all: if the log has no room, no stripe is cleared.
      transaction.sealIfLarge();
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
  }

  /** Locks everything for a transaction, so that a walker finds a committed state. */
  void lockAll(Transaction transaction) {
    for (HashStripe<K, V> stripe : stripes) {
      transaction.lock(stripe.lock);
    }
  }

  /**
   * Walks the map: checks each invariant of its structure, that keys are where their hashes say and
   * are there once, that keys and values can be decoded, and that each block is allocated. Keys and
   * values have no checksum: a value that was damaged into another value of its type is not
   * noticed. Locks the map meanwhile. {@link PersistentHeap#verify} does this for all collections,
   * and finds leaks too.
   *
   * @throws HeapCorruptedException if something is wrong: says what and where; further findings are
   *     its {@linkplain Throwable#getSuppressed suppressed} exceptions; nothing is changed
   * @throws dev.cairn.tx.TransactionConflictException if it waited for a transaction that waits for
   *     it, or for too long
   * @throws IllegalStateException if the thread is in a transaction
   */
  public void verify() {
    guard.verify(
        this::lockAll,
        (reached, findings) ->
            new MapVerifier<>(
                    guard.heap(), guard.structure(), map, keyType, valueType, reached, findings)
                .run((key, value) -> {}));
  }

  long offset() {
    return map;
  }

  HashStripe<K, V> stripe(long hash) {
    return stripes[HashMapLayout.stripeOf((int) hash)];
  }

  @Override
  KeyTable<K, V> table(long hash) {
    return stripe(hash);
  }

  // Views.

  @Override
  public Set<K> keySet() {
    return new MapViews.Keys<>(this);
  }

  @Override
  Iterator<Entry<K, V>> entryIterator() {
    return new SegmentIterator();
  }

  /** Goes from segment to segment in the order of hashes, which growth does not change. */
  private final class SegmentIterator extends EntryIterator<K, V> {
    private final SegmentCursor<K, V> cursor = new SegmentCursor<>();

    SegmentIterator() {
      super(PersistentHashMap.this);
    }

    @Override
    public boolean hasNext() {
      guard.heap().file().checkUsable(); // what was read ahead is no answer for a closed heap
      while (!cursor.hasNext() && cursor.stripe() < STRIPES) {
        HashStripe<K, V> stripe = stripes[cursor.stripe()];
        cursor.load(guard.read(stripe.lock, tx -> cursor.read(tx, stripe)), accessor.size());
      }
      return cursor.hasNext();
    }

    @Override
    KeyValue<K, V> nextEntry() {
      return cursor.next();
    }
  }
}
