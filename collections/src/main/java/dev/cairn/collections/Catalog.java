package dev.cairn.collections;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.tx.spi.Transaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The named collections of a heap: a persistent hash map from names to records, whose offset is the
 * heap's root word.
 */
final class Catalog {
  private final OpenHeap heap;
  private final PersistentHashMap<String, byte[]> entries;

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
    long root = heap.accessor().getWord(HeapLayout.ROOT_OFFSET);
    if (root == 0) {
      heap.allocator().forEachAllocated(Catalog::refuseRootless);
      return null;
    }
    return new Catalog(heap, PersistentHashMap.open(heap, Types.STRING, Types.BYTES, root));
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
    return bytes == null ? null : CatalogEntry.decode(bytes, heap.file().name());
  }

  /** Adds a collection; part of the caller's transaction. */
  void add(String name, CatalogEntry entry) {
    entries.put(name, entry.encode());
  }

  Set<String> names() {
    return Set.copyOf(entries.keySet());
  }

  int size() {
    return entries.size();
  }

  PersistentHashMap<String, byte[]> map() {
    return entries;
  }

  /** What a collection is. */
  enum Kind {
    MAP(1, "map"),
    LIST(2, "list");

    final int code;
    final String word;

    Kind(int code, String word) {
      this.code = code;
      this.word = word;
    }

    static @Nullable Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      return null;
    }
  }

  /**
   * What the catalog knows of a collection.
   *
   * <pre>
   *   0  8  offset of the collection
   *   8  1  kind: 1 map, 2 list
   *   9  -  the signatures of its types, UTF-8, separated by a zero byte
   * </pre>
   *
   * @param kind what it is
   * @param offset where it lies
   * @param types the signatures of its types
   */
  record CatalogEntry(Kind kind, long offset, String types) {
    private static final int TYPES = Long.BYTES + 1;

    byte[] encode() {
      byte[] text = types.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(TYPES + text.length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(offset)
          .put((byte) kind.code)
          .put(text)
          .array();
    }

    static CatalogEntry decode(byte[] bytes, String heap) {
      Kind kind = bytes.length < TYPES ? null : Kind.of(bytes[Long.BYTES]);
      if (kind == null) {
        throw new HeapCorruptedException(
            "catalog of " + heap, 0, "an offset, a kind and types", Arrays.toString(bytes));
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      long offset = buffer.getLong();
      String types = new String(bytes, TYPES, bytes.length - TYPES, StandardCharsets.UTF_8);
      return new CatalogEntry(kind, offset, types);
    }
  }
}
