package dev.cairn.collections;

import static dev.cairn.collections.HashMapLayout.STRIPES;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.Transactions;
import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

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
/*
 * Each stripe is a table of its own (HashStripe); this class locks, retries and translates.
 * Every change has the same shape: enter a transaction (joining the caller's, if there is one), lock
 * the stripe, look, change, exit. Failures between leave the map as it was.
 */
public final class PersistentHashMap<K, V> extends AbstractMap<K, V>
    implements ConcurrentMap<K, V> {
  private final Transactions transactions;
  private final Guard guard;
  private final MediumAccessor accessor;
  private final Type<K> keyType;
  private final Type<V> valueType;
  private final long map;
  private final long seed;
  private final Entries<K, V> entries;
  private final HashStripe<K, V>[] stripes;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  private PersistentHashMap(
      OpenHeap heap,
      String structure,
      Type<K> keyType,
      Type<V> valueType,
      long map,
      boolean committed) {
    this.transactions = heap.transactions();
    this.guard = new Guard(heap, structure, map, committed);
    this.keyType = keyType;
    this.valueType = valueType;
    this.map = map;
    this.accessor = heap.accessor();
    this.seed = accessor.getWord(map + HashMapLayout.SEED);
    this.entries = new Entries<>(heap, keyType, valueType);
    this.stripes = new HashStripe[STRIPES];
    boolean readsRecords = valueType instanceof RecordType<?>;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new HashStripe<>(heap, entries, readsRecords, map, seed, i);
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
  public @Nullable V get(Object key) {
    K typed = keyType.asValue(Objects.requireNonNull(key));
    if (typed == null) {
      return null;
    }
    long hash = keyType.hash(typed, seed);
    HashStripe<K, V> stripe = stripe(hash);
    // What Guard.read does, without a lambda: this is the hottest path there is.
    if (guard.readsWithoutLock()) {
      for (int i = 0; i < Guard.OPTIMISTIC_ATTEMPTS; i++) {
        long stamp = stripe.lock.awaitOptimisticRead();
        try {
          V value = stripe.get(null, typed, hash);
          if (stripe.lock.validate(stamp)) {
            return value;
          }
        } catch (RuntimeException | Error e) {
          if (stripe.lock.validate(stamp)) {
            throw guard.explain(e);
          }
        }
      }
    }
    return guard.change(stripe.lock, transaction -> stripe.get(transaction, typed, hash));
  }

  @Override
  public V getOrDefault(Object key, V defaultValue) {
    V value = get(key);
    return value == null ? defaultValue : value;
  }

  @Override
  public boolean containsKey(Object key) {
    K typed = keyType.asValue(Objects.requireNonNull(key));
    if (typed == null) {
      return false;
    }
    long hash = keyType.hash(typed, seed);
    HashStripe<K, V> stripe = stripe(hash);
    return guard.read(stripe.lock, transaction -> stripe.find(transaction, typed, hash) != 0);
  }

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

  /** Compares values as {@link #remove(Object, Object)} does: those of arrays by content. */
  @Override
  public boolean containsValue(Object value) {
    V expected = valueType.asValue(Objects.requireNonNull(value));
    if (expected == null) {
      return false;
    }
    for (Entry<K, V> entry : entrySet()) {
      if (valueType.valueEquals(entry.getValue(), expected)) {
        return true;
      }
    }
    return false;
  }

  // Changing.

  @Override
  public @Nullable V put(K key, V value) {
    return store(key, value, true, true, true);
  }

  /**
   * Gives a key a value, as {@link #put} does, but does not read what it had: less work where
   * nobody asks for the old value.
   *
   * @param key the key
   * @param value its value from now on
   */
  public void set(K key, V value) {
    store(key, value, true, true, false);
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return store(key, value, true, false, true);
  }

  @Override
  public @Nullable V replace(K key, V value) {
    return store(key, value, false, true, true);
  }

  /**
   * Gives a key a value, whether or not it had one; returns what it had. Written out, as {@link
   * #remove(Object)} is, where others use a lambda: it allocates nothing but the old value.
   */
  private @Nullable V store(K key, V value, boolean ifAbsent, boolean ifPresent, boolean wantsOld) {
    Objects.requireNonNull(value);
    long hash = keyType.hash(checkedKey(key), seed);
    HashStripe<K, V> stripe = stripe(hash);
    long stamp = stripe.lock.tryOptimisticRead();
    long ahead = stripe.findAhead(key, 0, hash, stamp, value, false);
    Transaction transaction = transactions.enter();
    V old = null;
    try {
      transaction.lock(stripe.lock);
      long slot = stripe.findLocked(transaction, key, 0, hash, stamp, ahead);
      if (slot != 0) {
        if (wantsOld) {
          old = entries.value(transaction, stripe.entry(transaction, slot));
          slot = stripe.findAfterReading(transaction, slot, key, hash);
        }
        if (slot != 0 && ifPresent) {
          stripe.replace(transaction, slot, key, value, hash);
        }
      }
      if (slot == 0 && ifAbsent) {
        stripe.insert(transaction, key, value, hash);
      }
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return old;
  }

  @Override
  public @Nullable V remove(Object key) {
    K typed = keyType.asValue(Objects.requireNonNull(key));
    return typed == null ? null : remove(typed, true);
  }

  /**
   * Removes a key: {@link #remove(Object)} without the value, which is not read from the heap. For
   * who does not want it: saves the time for memory that is not in the CPU's cache. Durable when it
   * returns; costs one fence, and none if the key is not there.
   *
   * @param key what to remove
   */
  public void delete(K key) {
    remove(checkedKey(key), false);
  }

  private @Nullable V remove(K key, boolean wantsOld) {
    long hash = keyType.hash(key, seed);
    HashStripe<K, V> stripe = stripe(hash);
    long stamp = stripe.lock.tryOptimisticRead();
    long ahead = stripe.findAhead(key, 0, hash, stamp, null, true);
    Transaction transaction = transactions.enter();
    V old = null;
    try {
      transaction.lock(stripe.lock);
      long slot = stripe.findLocked(transaction, key, 0, hash, stamp, ahead);
      if (slot != 0 && wantsOld) {
        old = entries.value(transaction, stripe.entry(transaction, slot));
        slot = stripe.findAfterReading(transaction, slot, key, hash);
      }
      if (slot != 0) {
        stripe.remove(transaction, slot);
      }
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return old;
  }

  @Override
  public boolean remove(Object key, @Nullable Object value) {
    K typed = keyType.asValue(Objects.requireNonNull(key));
    V expected = valueType.asValue(value);
    if (typed == null || expected == null) {
      return false;
    }
    long hash = keyType.hash(typed, seed);
    HashStripe<K, V> stripe = stripe(hash);
    return guard.change(
        stripe.lock,
        transaction -> {
          long slot = stripe.find(transaction, typed, hash);
          boolean found =
              slot != 0
                  && entries.valueEquals(transaction, stripe.entry(transaction, slot), expected);
          if (found) {
            stripe.remove(transaction, slot);
          }
          return found;
        });
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    Objects.requireNonNull(oldValue);
    Objects.requireNonNull(newValue);
    long hash = keyType.hash(checkedKey(key), seed);
    HashStripe<K, V> stripe = stripe(hash);
    return guard.change(
        stripe.lock,
        transaction -> {
          long slot = stripe.find(transaction, key, hash);
          boolean found =
              slot != 0
                  && entries.valueEquals(transaction, stripe.entry(transaction, slot), oldValue);
          if (found) {
            stripe.replace(transaction, slot, key, newValue, hash);
          }
          return found;
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Atomic: the function runs once, while its key's stripe is locked. It should be short. What
   * it changes itself becomes part of the same transaction. If it throws, nothing has changed;
   * inside {@link PersistentHeap#transact}, after it has moved elements of a list or changed very
   * much, that transaction can then only be undone.
   */
  @Override
  public @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function);
    return update(key, old -> function.apply(key, old));
  }

  @Override
  public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function) {
    Objects.requireNonNull(function);
    V present = get(key);
    return present != null ? present : update(key, old -> old == null ? function.apply(key) : old);
  }

  @Override
  public @Nullable V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function);
    return update(key, old -> old == null ? null : function.apply(key, old));
  }

  @Override
  public @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(value);
    Objects.requireNonNull(function);
    return update(key, old -> old == null ? value : function.apply(old, value));
  }

  /** Changes a key's value to what a function makes of it; null means no entry. */
  private @Nullable V update(K key, Function<@Nullable V, @Nullable V> function) {
    long hash = keyType.hash(checkedKey(key), seed);
    HashStripe<K, V> stripe = stripe(hash);
    return guard.change(
        stripe.lock,
        transaction -> {
          long slot = stripe.find(transaction, key, hash);
          V old = slot == 0 ? null : entries.value(transaction, stripe.entry(transaction, slot));
          V changed = function.apply(old);
          slot =
              stripe.find(transaction, key, hash); // the function may have changed this map itself
          if (changed == null) {
            if (slot != 0) {
              stripe.remove(transaction, slot);
            }
          } else if (slot == 0) {
            stripe.insert(transaction, key, changed, hash);
          } else if (changed != old
              || !entries.valueEquals(transaction, stripe.entry(transaction, slot), changed)) {
            // The same object may have another content by now: arrays can be changed in place.
            stripe.replace(transaction, slot, key, changed, hash);
          }
          return changed;
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
    Transaction transaction = transactions.enter();
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
        transaction -> {
          lockAll(transaction);
          Findings findings = new Findings(guard.heap());
          ReachedBlocks reached = new ReachedBlocks(guard.heap());
          new MapVerifier<>(
                  guard.heap(), guard.structure(), map, keyType, valueType, reached, findings)
              .run((key, value) -> {});
          reached.checkAllocated(findings);
          findings.throwIfAny();
        });
  }

  long offset() {
    return map;
  }

  Guard guard() {
    return guard;
  }

  long seed() {
    return seed;
  }

  Entries<K, V> entries() {
    return entries;
  }

  HashStripe<K, V> stripe(long hash) {
    return stripes[HashMapLayout.stripeOf((int) hash)];
  }

  /** Tells a raw caller's mistake before anything is changed. */
  private K checkedKey(K key) {
    return keyType.javaType().cast(Objects.requireNonNull(key));
  }

  // Views.

  @Override
  public Set<Entry<K, V>> entrySet() {
    return new EntrySet();
  }

  @Override
  public Set<K> keySet() {
    return new KeySet();
  }

  @Override
  public Collection<V> values() {
    return new Values();
  }

  /** Removes the entries that pass a test, each only if it still has the value that was tested. */
  private boolean removeEntryIf(Predicate<? super Entry<K, V>> filter) {
    boolean changed = false;
    for (Entry<K, V> entry : entrySet()) {
      changed |= filter.test(entry) && remove(entry.getKey(), entry.getValue());
    }
    return changed;
  }

  /** A spliterator that promises no size: streams rely on it, and others may change the map. */
  private static <T> Spliterator<T> unsized(Iterator<T> iterator, int characteristics) {
    return Spliterators.spliteratorUnknownSize(
        iterator, characteristics | Spliterator.CONCURRENT | Spliterator.NONNULL);
  }

  private final class EntrySet extends AbstractSet<Entry<K, V>> {
    @Override
    public Iterator<Entry<K, V>> iterator() {
      return new EntryIterator();
    }

    @Override
    public Spliterator<Entry<K, V>> spliterator() {
      return unsized(iterator(), Spliterator.DISTINCT);
    }

    @Override
    public int size() {
      return PersistentHashMap.this.size();
    }

    @Override
    public void clear() {
      PersistentHashMap.this.clear();
    }

    @Override
    public boolean contains(Object object) {
      if (!(object instanceof Entry<?, ?> entry) || !keyType.isInstance(entry.getKey())) {
        return false;
      }
      V value = get(entry.getKey());
      V expected = valueType.asValue(entry.getValue());
      return value != null && expected != null && valueType.valueEquals(value, expected);
    }

    @Override
    public boolean remove(Object object) {
      return object instanceof Entry<?, ?> entry
          && keyType.isInstance(entry.getKey())
          && PersistentHashMap.this.remove(entry.getKey(), entry.getValue());
    }

    @Override
    public boolean removeIf(Predicate<? super Entry<K, V>> filter) {
      return removeEntryIf(Objects.requireNonNull(filter));
    }
  }

  private final class Values extends AbstractCollection<V> {
    @Override
    public Iterator<V> iterator() {
      return new PartIterator<>(Entry::getValue);
    }

    @Override
    public Spliterator<V> spliterator() {
      return unsized(iterator(), 0);
    }

    @Override
    public int size() {
      return PersistentHashMap.this.size();
    }

    @Override
    public void clear() {
      PersistentHashMap.this.clear();
    }

    @Override
    public boolean contains(Object value) {
      return containsValue(value);
    }

    @Override
    public boolean removeIf(Predicate<? super V> filter) {
      Objects.requireNonNull(filter);
      return removeEntryIf(entry -> filter.test(entry.getValue()));
    }
  }

  private final class KeySet extends AbstractSet<K> {
    @Override
    public Iterator<K> iterator() {
      return new PartIterator<>(Entry::getKey);
    }

    @Override
    public Spliterator<K> spliterator() {
      return unsized(iterator(), Spliterator.DISTINCT);
    }

    @Override
    public int size() {
      return PersistentHashMap.this.size();
    }

    @Override
    public void clear() {
      PersistentHashMap.this.clear();
    }

    @Override
    public boolean contains(Object key) {
      return containsKey(key);
    }

    @Override
    public boolean remove(Object key) {
      return PersistentHashMap.this.remove(key) != null;
    }

    @Override
    public boolean removeAll(Collection<?> keys) {
      boolean changed = false;
      for (Object key : keys) {
        changed |= remove(key);
      }
      return changed;
    }
  }

  /** Shows a part of each entry. */
  private final class PartIterator<T> implements Iterator<T> {
    private final EntryIterator entries = new EntryIterator();
    private final Function<Entry<K, V>, T> part;

    PartIterator(Function<Entry<K, V>, T> part) {
      this.part = part;
    }

    @Override
    public boolean hasNext() {
      return entries.hasNext();
    }

    @Override
    public T next() {
      return part.apply(entries.next());
    }

    @Override
    public void remove() {
      entries.remove();
    }
  }

  /** Goes from segment to segment in the order of hashes, which growth does not change. */
  private final class EntryIterator implements Iterator<Entry<K, V>> {
    private final SegmentCursor<K, V> cursor = new SegmentCursor<>();
    private @Nullable K last;

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
    public Entry<K, V> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      HashStripe.KeyValue<K, V> entry = cursor.next();
      last = entry.key();
      return new WriteThroughEntry(entry.key(), entry.value());
    }

    @Override
    public void remove() {
      if (last == null) {
        throw new IllegalStateException(
            "next has not been called, or its entry is removed already");
      }
      delete(last);
      last = null;
    }
  }

  /** An entry as it was when the iterator met it; setValue changes the map. */
  private final class WriteThroughEntry extends SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    WriteThroughEntry(K key, V value) {
      super(key, value);
    }

    @Override
    public V setValue(V value) {
      put(getKey(), value);
      return super.setValue(value);
    }
  }
}
