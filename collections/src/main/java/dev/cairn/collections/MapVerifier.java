package dev.cairn.collections;

import static dev.cairn.collections.EntryLayout.ENTRY_KEY;
import static dev.cairn.collections.EntryLayout.ENTRY_LENGTHS;
import static dev.cairn.collections.HashMapLayout.FIRST_STRIPE;
import static dev.cairn.collections.HashMapLayout.SEED;
import static dev.cairn.collections.HashMapLayout.STRIPES;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks a map that nobody changes: its structure by {@link HashStripeWalker}, and that its keys
 * are where they belong. A key is compared with the other keys of its hash by its bytes: equal
 * bytes mean equal keys, whatever their type.
 */
final class MapVerifier<K, V> {
  private final OpenHeap heap;
  private final MediumAccessor accessor;
  private final String title;
  private final long map;
  private final @Nullable Type<K> keyType;
  private final @Nullable Type<V> valueType;
  private final ReachedBlocks reached;
  private final Findings findings;

  /**
   * Creates a verifier.
   *
   * @param title such as {@code map "accounts"}
   * @param map where it lies
   * @param keyType of the keys; null if only the program knows
   * @param valueType of the values; null if only the program knows
   * @param reached is told of every block
   */
  MapVerifier(
      OpenHeap heap,
      String title,
      long map,
      @Nullable Type<K> keyType,
      @Nullable Type<V> valueType,
      ReachedBlocks reached,
      Findings findings) {
    this.heap = heap;
    this.accessor = heap.accessor();
    this.title = title;
    this.map = map;
    this.keyType = keyType;
    this.valueType = valueType;
    this.reached = reached;
    this.findings = findings;
  }

  /** Throws unless a map can lie at an offset: in a block of its own, with its header. */
  static void checkBlock(MediumAccessor accessor, Allocator allocator, long map) {
    long size = allocator.blockSize(map);
    if (size < HashMapLayout.MAP_SIZE) {
      throw new HeapCorruptedException(
          "map", map, "a block of at least " + HashMapLayout.MAP_SIZE, "%d bytes".formatted(size));
    }
    long header = accessor.getWord(map);
    BlockHeader.check(header, BlockHeader.MAP, map);
    if (header != BlockHeader.of(BlockHeader.MAP, 0)) {
      throw new HeapCorruptedException(
          "map", map, "reserved bits zero", "0x" + Long.toHexString(header));
    }
  }

  /**
   * Checks everything, stripe by stripe.
   *
   * @param each is shown the entries of sound stripes, if both types are known
   */
  void run(BiConsumer<K, V> each) {
    boolean isMap = findings.check(title, "map", map, this::checkHead);
    for (int i = 0; isMap && i < STRIPES; i++) {
      long stripe = HashMapLayout.stripe(map, i);
      Entries entries = new Entries(each);
      long identity = HashMapLayout.identity(accessor.getWord(map + SEED), i);
      HashStripeWalker walker =
          new HashStripeWalker(accessor, stripe, i, identity, reached, entries);
      findings.check(title, "stripe", stripe, walker::walk);
    }
  }

  private void checkHead() {
    checkBlock(accessor, heap.allocator(), map);
    findings.checkZero("map of " + title, map + SEED + Long.BYTES, map + FIRST_STRIPE);
    reached.visit(map, HashMapLayout.MAP_SIZE);
  }

  /** Checks the entries of a stripe. */
  private final class Entries implements HashStripeWalker.EntryVisitor {
    private final BiConsumer<K, V> each;
    private final long seed = accessor.getWord(map + SEED);
    private final Map<Integer, List<Long>> byHash = new HashMap<>();

    Entries(BiConsumer<K, V> each) {
      this.each = each;
    }

    @Override
    public void visit(long at, long slot, long lengths) {
      long entry = HashMapLayout.entry(slot);
      int keyLength = EntryLayout.keyLength(lengths);
      int valueLength = EntryLayout.valueLength(lengths);
      long size = heap.allocator().blockSize(entry);
      if (EntryLayout.entrySize(keyLength, valueLength) > size) {
        throw new HeapCorruptedException(
            "entry",
            entry,
            "content within its %d bytes".formatted(size),
            "a key of %d bytes and a value of %d".formatted(keyLength, valueLength));
      }
      K key =
          keyType == null ? null : keyType.readIfAccepted(accessor, entry + ENTRY_KEY, keyLength);
      if (keyType != null && key != null) {
        long hash = keyType.hash(key, seed);
        long found = EntryLayout.entryHash(accessor.getWord(entry));
        check((int) hash == (int) found, "entry", entry, "the hash of its key", found);
        boolean tagged = HashMapLayout.tagMatches(slot, hash);
        check(tagged, "segment", at, "the tag of the entry's key", slot);
      }
      checkUnique(entry, keyLength);
      if (valueType != null) {
        long value = EntryLayout.value(entry, keyLength);
        V decoded = valueType.readIfAccepted(accessor, value, valueLength);
        if (key != null && decoded != null) {
          each.accept(key, decoded);
        }
      }
    }

    private void checkUnique(long entry, int keyLength) {
      int hash = EntryLayout.entryHash(accessor.getWord(entry));
      List<Long> sameHash = byHash.computeIfAbsent(hash, h -> new ArrayList<>(1));
      for (long other : sameHash) {
        int otherLength = EntryLayout.keyLength(accessor.getWord(other + ENTRY_LENGTHS));
        boolean same =
            otherLength == keyLength
                && accessor.rangesEqual(other + ENTRY_KEY, entry + ENTRY_KEY, keyLength);
        check(!same, "entry", entry, "a key that no other entry has", other);
      }
      sameHash.add(entry);
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
