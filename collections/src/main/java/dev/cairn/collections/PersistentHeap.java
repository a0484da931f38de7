package dev.cairn.collections;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.allocator.spi.AllocatorStats;
import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.tx.spi.LogRecovery;
import dev.cairn.tx.spi.Transactions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A heap in persistent memory, or in any file: collections by name, and transactions over them.
 *
 * {@snippet :
 * try (PersistentHeap heap = PersistentHeap.openOrCreate(Path.of("/mnt/pmem/bank.heap"))) {
 *   PersistentHashMap<String, Long> accounts = heap.map("accounts", Types.STRING, Types.LONG);
 *   accounts.put("alice", 100L); // durable when put returns
 *   heap.transact(
 *       () -> { // all or nothing, even if the power goes in the middle
 *         accounts.put("alice", 70L);
 *         accounts.put("bob", 30L);
 *       });
 * }
 * }
 *
 * <p>What survives what depends on the medium under the file: ask {@link #durability}. One process
 * can have a heap open at a time. It grows by itself, up to the maximum it was created with.
 *
 * <p>Safe for use by many threads. A thread has at most one transaction of a heap; what it does to
 * collections inside {@link #transact} belongs to that.
 */
public final class PersistentHeap implements AutoCloseable {
  private final OpenHeap heap;
  private final NamedCollections collections;

  private PersistentHeap(OpenHeap heap, Catalog catalog) {
    this.heap = heap;
    this.collections = new NamedCollections(heap, catalog);
  }

  // Opening.

  /**
   * Creates a heap, with the {@linkplain HeapOptions#defaults() default} options.
   *
   * @param path where no file is yet, or an empty one
   * @return the heap, durable
   * @throws IOException if the file exists or cannot be created; nothing is left behind
   */
  public static PersistentHeap create(Path path) throws IOException {
    return create(path, HeapOptions.defaults());
  }

  /**
   * Creates a heap. The file gets mode 0600.
   *
   * @param path where no file is yet, or an empty one
   * @param options sizes and medium
   * @return the heap, durable
   * @throws IOException if the file exists or cannot be created; nothing is left behind
   * @throws IllegalArgumentException if the initial size is above the maximum
   */
  public static PersistentHeap create(Path path, HeapOptions options) throws IOException {
    return open(HeapFile.create(path, options));
  }

  /**
   * Opens a heap, with the {@linkplain HeapOptions#defaults() default} options.
   *
   * @param path the heap's file
   * @return the heap, after recovery
   * @throws IOException as {@link #open(Path, HeapOptions)} does
   */
  public static PersistentHeap open(Path path) throws IOException {
    return open(path, HeapOptions.defaults());
  }

  /**
   * Opens a heap, and undoes what a crash cut short. The time depends on what was running then, and
   * a little on the size of the heap: one word for each 256 KiB is read.
   *
   * @param path the heap's file
   * @param options medium and timeout; the sizes are the file's own
   * @return the heap, after recovery
   * @throws IOException if there is no such file, or it cannot be opened or mapped
   * @throws dev.cairn.heap.HeapInUseException if it is open already, here or in another process
   * @throws dev.cairn.heap.HeapFormatException if it is not a heap, or of an unknown version
   * @throws HeapCorruptedException if it is damaged
   */
  public static PersistentHeap open(Path path, HeapOptions options) throws IOException {
    return open(HeapFile.open(path, options));
  }

  /**
   * Opens a heap, or creates it, with the {@linkplain HeapOptions#defaults() default} options.
   *
   * @param path the heap's file, or where it shall be
   * @return the heap
   * @throws IOException as {@link #open(Path, HeapOptions)} and {@link #create(Path, HeapOptions)}
   *     do
   */
  public static PersistentHeap openOrCreate(Path path) throws IOException {
    return openOrCreate(path, HeapOptions.defaults());
  }

  /**
   * Opens a heap, or creates it if there is no file, an empty one, or one whose creation was cut
   * short.
   *
   * @param path the heap's file, or where it shall be
   * @param options sizes, for a new heap; medium and timeout
   * @return the heap
   * @throws IOException as {@link #open(Path, HeapOptions)} and {@link #create(Path, HeapOptions)}
   *     do
   */
  public static PersistentHeap openOrCreate(Path path, HeapOptions options) throws IOException {
    return open(HeapFile.openOrCreate(path, options));
  }

  /**
   * Creates a heap on a medium of the caller's, whatever it held: for crash tests and emulators.
   *
   * @param medium the bytes; closed with the heap
   * @param options timeout; sizes are the medium's
   * @return the heap, durable
   */
  public static PersistentHeap create(Medium medium, HeapOptions options) {
    return open(HeapFile.create(medium, options));
  }

  /**
   * Opens the heap on a medium of the caller's: for crash tests and emulators.
   *
   * @param medium the bytes; closed with the heap
   * @param options timeout
   * @return the heap, after recovery
   */
  public static PersistentHeap open(Medium medium, HeapOptions options) {
    return open(HeapFile.open(medium, options));
  }

  /** Recovers, in the one order that is right: logs first, since they restore allocation bits. */
  private static PersistentHeap open(HeapFile file) {
    try {
      Allocator allocator = new Allocator(file);
      allocator.load(); // before the first store: a damaged file is left as it was
      LogRecovery recovery = LogRecovery.read(file);
      if (!recovery.hasWork()) {
        Catalog.checkRoot(file.accessor(), allocator);
      }
      Transactions transactions = Transactions.open(file, allocator, recovery);
      if (transactions.recovered()) {
        allocator.load();
      }
      OpenHeap heap = new OpenHeap(file, file.accessor(), transactions, allocator);
      Catalog catalog = Catalog.open(heap);
      file.markInUse();
      return new PersistentHeap(heap, catalog != null ? catalog : Catalog.create(heap));
    } catch (Throwable t) {
      try {
        file.close();
      } catch (Throwable suppressed) {
        t.addSuppressed(suppressed);
      }
      throw t;
    }
  }

  // Collections by name.

  /**
   * Finds the map of a name, or makes one. The same name gives the same object.
   *
   * @param <K> the keys
   * @param <V> the values
   * @param name any string
   * @param keyType of the keys
   * @param valueType of the values
   * @return the map; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of other
   *     types
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <K, V> PersistentHashMap<K, V> map(String name, Type<K> keyType, Type<V> valueType) {
    return collections.open(name, new HashMapKind<>(keyType, valueType));
  }

  /**
   * Finds the map of a name from longs to longs, or makes one, for use without boxes. {@link #map}
   * with {@link Types#LONG} twice finds the same one.
   *
   * @param name any string
   * @return the map; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of other
   *     types
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public PersistentLongMap longMap(String name) {
    return new PersistentLongMap(map(name, Types.LONG, Types.LONG));
  }

  /**
   * Finds the set of a name, or makes one. The same name gives the same object.
   *
   * @param <E> the elements
   * @param name any string
   * @param type of the elements
   * @return the set; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of another
   *     type
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <E> PersistentHashSet<E> set(String name, Type<E> type) {
    return collections.open(name, new HashSetKind<>(type));
  }

  /** As {@link #set}, with the seed of a new set: for tests that must know where elements lie. */
  <E> PersistentHashSet<E> set(String name, Type<E> type, long seed) {
    return collections.open(name, new HashSetKind<>(type), seed);
  }

  /**
   * Finds the long of a name, or makes one, which is 0. The same name gives the same object.
   *
   * @param name any string
   * @return the long; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public PersistentLong longValue(String name) {
    return collections.open(name, LongKind.INSTANCE);
  }

  /**
   * As {@link #map}, with the seed that a new map hashes by: for tests that must know where keys
   * lie.
   */
  <K, V> PersistentHashMap<K, V> map(String name, Type<K> keyType, Type<V> valueType, long seed) {
    return collections.open(name, new HashMapKind<>(keyType, valueType), seed);
  }

  /**
   * Finds the list of a name, or makes one. The same name gives the same object.
   *
   * @param <E> the elements
   * @param name any string
   * @param type of the elements
   * @return the list; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of another
   *     type
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <E> PersistentArrayList<E> list(String name, Type<E> type) {
    return collections.open(name, new ArrayListKind<>(type));
  }

  /**
   * Finds the sorted map of a name, or makes one, in the order that keys have by themselves. The
   * same name gives the same object.
   *
   * @param <K> the keys
   * @param <V> the values
   * @param name any string
   * @param keyType of the keys, which are {@link Comparable}, or arrays of bytes
   * @param valueType of the values
   * @return the map; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of other
   *     types, or of another order; or if the keys have no order of their own
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <K, V> PersistentTreeMap<K, V> treeMap(String name, Type<K> keyType, Type<V> valueType) {
    return collections.open(
        name, new TreeMapKind<>(keyType, SortOrder.natural(keyType), valueType));
  }

  /**
   * Finds the sorted map of a name, or makes one, in an order of the program's. The same name gives
   * the same object, with the comparator that it was opened with first.
   *
   * @param <K> the keys
   * @param <V> the values
   * @param name any string
   * @param keyType of the keys
   * @param order of the keys; a heap stores its name
   * @param valueType of the values
   * @return the map; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of other
   *     types, or of an order of another name
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <K, V> PersistentTreeMap<K, V> treeMap(
      String name, Type<K> keyType, KeyOrder<K> order, Type<V> valueType) {
    return collections.open(
        name, new TreeMapKind<>(keyType, SortOrder.of(keyType, order), valueType));
  }

  /**
   * Finds the sorted set of a name, or makes one, in the order that elements have by themselves.
   * The same name gives the same object.
   *
   * @param <E> the elements
   * @param name any string
   * @param type of the elements, which are {@link Comparable}, or arrays of bytes
   * @return the set; if it is new, it is durable
   * @throws IllegalArgumentException as {@link #treeMap(String, Type, Type)} does
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <E> PersistentTreeSet<E> treeSet(String name, Type<E> type) {
    return collections.open(name, new TreeSetKind<>(type, SortOrder.natural(type)));
  }

  /**
   * Finds the sorted set of a name, or makes one, in an order of the program's. The same name gives
   * the same object, with the comparator that it was opened with first.
   *
   * @param <E> the elements
   * @param name any string
   * @param type of the elements
   * @param order of the elements; a heap stores its name
   * @return the set; if it is new, it is durable
   * @throws IllegalArgumentException as {@link #treeMap(String, Type, KeyOrder, Type)} does
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <E> PersistentTreeSet<E> treeSet(String name, Type<E> type, KeyOrder<E> order) {
    return collections.open(name, new TreeSetKind<>(type, SortOrder.of(type, order)));
  }

  /**
   * Finds the reference of a name, or makes one, which is null then. The same name gives the same
   * object.
   *
   * @param <T> the value
   * @param name any string
   * @param type of the value
   * @return the reference; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of another
   *     type
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <T> PersistentReference<T> reference(String name, Type<T> type) {
    return collections.open(name, new ReferenceKind<>(type));
  }

  /**
   * Finds the deque of a name, or makes one. The same name gives the same object.
   *
   * @param <E> the elements
   * @param name any string
   * @param type of the elements
   * @return the deque; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of another
   *     type
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <E> PersistentDeque<E> deque(String name, Type<E> type) {
    return collections.open(name, new DequeKind<>(type));
  }

  /**
   * Finds the log of a name, or makes one. The same name gives the same object.
   *
   * @param <E> the records' values
   * @param name any string
   * @param type of the values
   * @return the log; if it is new, it is durable
   * @throws IllegalArgumentException if the name is another kind of collection, or one of another
   *     type
   * @throws IllegalStateException if it is new, and the thread is in a transaction
   */
  public <E> PersistentLog<E> log(String name, Type<E> type) {
    return collections.open(name, new LogKind<>(type));
  }

  /**
   * Names the collections of this heap.
   *
   * @return the names, as they are now
   */
  public Set<String> names() {
    heap.file().checkUsable();
    return collections.names();
  }

  // Transactions.

  /**
   * Runs a body as one transaction: all that it changes in collections of this heap is durable when
   * this returns, or none of it, whatever happens meanwhile. Others see none of it before.
   *
   * <p>What the body reads and changes stays locked until the end. Nested calls join the outer
   * transaction; an exception that leaves an inner body undoes everything, even if the outer body
   * catches it.
   *
   * <p>This is also the way to make many operations durable together. It costs one fence if all
   * changes fit into one record, which has room for some 30 to 50 of them, and three if not,
   * whatever their number; none if nothing is changed. Each list operation that moves elements, and
   * each clear of a deque, costs one more, and so does fresh content of more than 4 KiB.
   *
   * @param body changes collections
   * @throws dev.cairn.tx.TransactionAbortedException if the body threw, or an operation in it that
   *     could not be undone alone: everything is undone, and the cause is what was thrown
   * @throws dev.cairn.tx.TransactionConflictException if it waited for another transaction that
   *     waits for it, or for too long: everything is undone; run it again
   * @throws dev.cairn.heap.HeapFailedException if the medium failed, or the stack was too short to
   *     go on (a {@link StackOverflowError} that leaves the body): nobody can use the heap until it
   *     is opened again, and the outcome is known then
   */
  public void transact(TransactionBody body) {
    Objects.requireNonNull(body);
    transact(
        (TransactionFunction<@Nullable Void>)
            () -> {
              body.run();
              return null;
            });
  }

  /**
   * Runs a body as one transaction, and returns what it returns; see {@link
   * #transact(TransactionBody)}.
   *
   * @param <T> the result
   * @param body changes collections
   * @return what the body returned
   */
  public <T extends @Nullable Object> T transact(TransactionFunction<T> body) {
    Objects.requireNonNull(body);
    Callable<T> callable = body::call;
    return heap.transactions().transact(callable);
  }

  // Looking.

  /**
   * Says what acknowledged operations survive, and why.
   *
   * @return the durability
   */
  public Durability durability() {
    return heap.file().durability();
  }

  /**
   * Returns the heap's identity: chosen at random when it was created, and kept by copies of it.
   *
   * @return the identity
   */
  public UUID uuid() {
    return heap.file().uuid();
  }

  /**
   * Counts what is used and what is free. Reads every bitmap of the allocator: a cost that grows
   * with the heap.
   *
   * @return the counts, not exact while others change the heap
   */
  public HeapStats stats() {
    heap.file().checkUsable();
    AllocatorStats allocator;
    try {
      allocator = heap.allocator().stats();
    } catch (RuntimeException | InternalError e) {
      throw new Guard(heap, "heap", 0).explain(e);
    }
    return new HeapStats(
        heap.file().size(),
        heap.file().maximumSize(),
        allocator.usedBytes(),
        allocator.freeBytes(),
        collections.size(),
        heap.transactions().commits(),
        heap.transactions().recovered());
  }

  /**
   * Walks everything: superblocks, lanes, chunk headers, bitmaps, catalog and all collections.
   * Checks each structure's invariants, and that what can be reached is what is allocated: nothing
   * leaked, nothing dangling, nothing owned twice. Needs about 48 bytes of Java memory for each
   * block. Locks all open collections meanwhile, and waits for transactions that have locked one;
   * readers wait too.
   *
   * <p>Of collections that are open, and of those whose types are not records, keys and values are
   * decoded too, and each key must be where its hash says. Keys and values have no checksum: a
   * value that was damaged into another value of its type is not noticed.
   *
   * @throws HeapCorruptedException if something is wrong: says what and where; further findings, up
   *     to a hundred, are its {@linkplain Throwable#getSuppressed suppressed} exceptions; nothing
   *     is changed
   * @throws dev.cairn.tx.TransactionConflictException if it waited for a transaction that waits for
   *     it, or for too long
   * @throws IllegalStateException if the thread is in a transaction
   */
  public void verify() {
    new Guard(heap, "heap", 0).verify(collections::verify);
  }

  /**
   * Names what lies at an offset, for reports: structure and field, such as {@code map "accounts",
   * stripe 5, count of entries}. Looks for the owner of a block from the catalog on, which takes as
   * long as the heap is full. Takes no lock: not exact while others change the heap.
   *
   * @param offset any number, in bytes from the start of the heap
   * @return its name; on a damaged or closed heap, the best that can be said
   */
  public String describe(long offset) {
    return new HeapDescriber(heap).describe(offset);
  }

  /**
   * Closes the heap. Everything acknowledged is durable already; this waits for running
   * transactions, and marks the heap as closed cleanly. Afterwards every use of the heap or its
   * collections throws {@link IllegalStateException}. Idempotent.
   *
   * @throws IllegalStateException if the thread is in a transaction, or other threads' transactions
   *     do not end within the lock timeout; the heap stays open
   * @throws dev.cairn.heap.HeapFailedException if the medium fails now; the heap is closed even so,
   *     and the next open recovers it
   */
  @Override
  public void close() {
    try {
      heap.transactions().close();
    } catch (HeapFailedException failed) {
      heap.file().close(); // or its lock would stay, and nobody could open it again
      throw failed;
    }
    heap.file().close();
  }
}
