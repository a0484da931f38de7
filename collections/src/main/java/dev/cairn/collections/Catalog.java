package dev.cairn.collections;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The named collections of a heap: a persistent hash map from names to records, whose offset is the
 * heap's root word.
 *
 * <p>Changed only by who holds the monitor of the collections in use, in a transaction of its own.
 * Reads lock nothing, so that no user's transaction holds what the holder of that monitor needs.
 */
final class Catalog {
  private final OpenHeap heap;
  private final PersistentHashMap<String, byte[]> entries;

  /** How many chars of a name or of types reports show. */
  private static final int SHOWN = 100;

  /** Whether the catalog was found to be whole since the heap was opened. */
  private volatile boolean checked;

  private Catalog(OpenHeap heap, PersistentHashMap<String, byte[]> entries) {
    this.heap = heap;
    this.entries = entries;
  }

  /**
   * Opens the catalog.
   *
   * @return the catalog, or null if the heap is new and has none
   */
  static @Nullable Catalog open(OpenHeap heap) {
    checkRoot(heap.accessor(), heap.allocator());
    long root = heap.accessor().getWord(HeapLayout.ROOT_OFFSET);
    return root == 0
        ? null
        : new Catalog(
            heap, PersistentHashMap.open(heap, "catalog", Types.STRING, Types.BYTES, root, true));
  }

  /**
   * Checks that the root word names a map, or nothing in a heap of nothing. Stores nothing.
   *
   * @throws HeapCorruptedException if it does not
   */
  static void checkRoot(MediumAccessor accessor, Allocator allocator) {
    long root = accessor.getWord(HeapLayout.ROOT_OFFSET);
    if (root == 0) {
      allocator.forEachAllocated(Catalog::refuseRootless);
    } else {
      MapVerifier.checkBlock(accessor, allocator, root);
    }
  }

  private static void refuseRootless(long block, long size) {
    throw new HeapCorruptedException(
        "root word",
        HeapLayout.ROOT_OFFSET,
        "the offset of the catalog",
        "none, but a block of %d bytes at 0x%x".formatted(size, block));
  }

  /** Makes the catalog of a new heap. */
  static Catalog create(OpenHeap heap) {
    heap.transactions()
        .transact(
            () -> {
              Transaction transaction = heap.transactions().enter();
              long root = PersistentHashMap.create(heap, transaction, seed(heap, ""));
              transaction.declareWord(HeapLayout.ROOT_OFFSET);
              transaction.seal();
              transaction.putWord(HeapLayout.ROOT_OFFSET, root);
              transaction.exit();
              return true;
            });
    return Objects.requireNonNull(open(heap));
  }

  /**
   * Returns what a new map hashes by. It differs from heap to heap and from map to map, so that
   * nobody can prepare keys that collide.
   */
  static long seed(OpenHeap heap, String name) {
    UUID uuid = heap.file().uuid();
    long seed = ContentHash.ofWord(uuid.getLeastSignificantBits(), uuid.getMostSignificantBits());
    return ContentHash.ofChars(name, seed);
  }

  @Nullable CatalogEntry find(String name) {
    byte[] bytes = entries.get(name);
    return bytes == null ? null : CatalogEntry.decode(name, bytes, entries.offset());
  }

  /** Adds a collection; part of the caller's transaction. */
  void add(String name, CatalogEntry entry) {
    entries.put(name, entry.encode(name));
  }

  /**
   * Checks the whole catalog, unless it was found to be whole before: a damaged word of it may be
   * why a name was not found. Needs the monitor of the collections in use.
   */
  void checkOnce() {
    if (!checked) {
      Findings findings = new Findings(heap);
      verify(new ReachedBlocks(heap), findings);
      findings.throwIfAny();
      checked = true;
    }
  }

  /**
   * Checks the catalog, and decodes it; returns no more than is sound. Needs the monitor of the
   * collections in use.
   */
  Map<String, CatalogEntry> verify(ReachedBlocks reached, Findings findings) {
    Map<String, CatalogEntry> sound = new HashMap<>();
    MapVerifier<String, byte[]> verifier =
        new MapVerifier<>(
            heap, "catalog", entries.offset(), Types.STRING, Types.BYTES, reached, findings);
    verifier.run(
        (name, bytes) -> sound.put(name, CatalogEntry.decode(name, bytes, entries.offset())));
    return sound;
  }

  Set<String> names() {
    Set<String> names = new HashSet<>();
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      CatalogEntry.decode(entry.getKey(), entry.getValue(), entries.offset());
      names.add(entry.getKey());
    }
    return Set.copyOf(names);
  }

  /** A name as reports show it: short, and without what would upset a terminal. */
  static String quoted(String name) {
    String start = name.length() > SHOWN ? name.substring(0, SHOWN) + "..." : name;
    return start
        .codePoints()
        .collect(
            () -> new StringBuilder("\""),
            (text, c) -> text.appendCodePoint(isShown(c) ? c : '?'),
            StringBuilder::append)
        .append('"')
        .toString();
  }

  private static boolean isShown(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  int size() {
    return entries.size();
  }

  /**
   * What the catalog knows of a collection.
   *
   * <pre>
   *    0  8  checksum: the hash of all that follows, with the hash of the name as its seed
   *    8  8  offset of the collection
   *   16  1  code of its kind: 1 map, 2 list, 3 long, 4 set
   *   17  -  the signatures of its types, UTF-8, separated by a zero byte; a long has none
   * </pre>
   *
   * @param kind what it is
   * @param offset where it lies
   */
  record CatalogEntry(CollectionKind<?> kind, long offset) {
    private static final int OFFSET = Long.BYTES;
    private static final int KIND = 2 * Long.BYTES;
    private static final int TYPES = KIND + 1;

    byte[] encode(String name) {
      byte[] text = kind.signatures().getBytes(StandardCharsets.UTF_8);
      ByteBuffer buffer =
          ByteBuffer.allocate(TYPES + text.length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(0)
              .putLong(offset)
              .put((byte) kind.code())
              .put(text);
      return buffer.putLong(0, checksum(name, buffer.array())).array();
    }

    private static long checksum(String name, byte[] record) {
      byte[] content = Arrays.copyOfRange(record, OFFSET, record.length);
      return ContentHash.ofBytes(content, ContentHash.ofChars(name, 0));
    }

    static CatalogEntry decode(String name, byte[] bytes, long catalog) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      CollectionKind<?> kind = null;
      if (bytes.length >= TYPES && buffer.getLong(0) == checksum(name, bytes)) {
        String types = new String(bytes, TYPES, bytes.length - TYPES, StandardCharsets.UTF_8);
        kind = CollectionKind.of(bytes[KIND], types);
      }
      if (kind == null) {
        throw new HeapCorruptedException(
            "catalog record of " + quoted(name),
            catalog,
            "a record with its checksum",
            "%d other bytes".formatted(bytes.length));
      }
      return new CatalogEntry(kind, buffer.getLong(OFFSET));
    }
  }
}
