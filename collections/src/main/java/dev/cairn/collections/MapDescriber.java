package dev.cairn.collections;

import static dev.cairn.collections.EntryLayout.ENTRY_KEY;
import static dev.cairn.collections.EntryLayout.ENTRY_LENGTHS;
import static dev.cairn.collections.HashMapLayout.FIRST_SEGMENT;
import static dev.cairn.collections.HashMapLayout.FIRST_STRIPE;
import static dev.cairn.collections.HashMapLayout.HINTS;
import static dev.cairn.collections.HashMapLayout.LINE_SIZE;
import static dev.cairn.collections.HashMapLayout.MAX_DEPTH;
import static dev.cairn.collections.HashMapLayout.SEED;
import static dev.cairn.collections.HashMapLayout.SEGMENT_SIZE;
import static dev.cairn.collections.HashMapLayout.SMALL_SEGMENT_SIZE;
import static dev.cairn.collections.HashMapLayout.STRIPES;
import static dev.cairn.collections.HashMapLayout.STRIPE_COUNT;
import static dev.cairn.collections.HashMapLayout.STRIPE_IDENTITY;
import static dev.cairn.collections.HashMapLayout.STRIPE_MARK;
import static dev.cairn.collections.HashMapLayout.STRIPE_SIZE;
import static dev.cairn.collections.HashMapLayout.STRIPE_TABLE;

import org.jspecify.annotations.Nullable;

/** Names what lies in a map, stripe by stripe. */
final class MapDescriber {
  private final BlockSearch search;
  private final String title;
  private final long map;

  MapDescriber(BlockSearch search, String title, long map) {
    this.search = search;
    this.title = title;
    this.map = map;
  }

  /** Names the place that is looked for, if it is in this map. */
  @Nullable String describe() {
    if (search.block() == map) {
      return title + ", " + mapField(search.at());
    }
    for (int i = 0; i < STRIPES; i++) {
      StripeWalk walk = new StripeWalk(i, this::entryField);
      String name = walk.search();
      if (name != null) {
        return walk.isEntry ? name : "%s, stripe %d, %s".formatted(title, i, name);
      }
    }
    return null;
  }

  /** Shows a visitor each slot's entry; ends with its first answer. */
  @Nullable String eachEntry(EntryVisitor visitor) {
    for (int i = 0; i < STRIPES; i++) {
      String name = new StripeWalk(i, visitor).search();
      if (name != null) {
        return name;
      }
    }
    return null;
  }

  /** Is shown a slot's entry; ends the walk by an answer. */
  interface EntryVisitor {
    @Nullable String visit(long entry);
  }

  private static String mapField(long at) {
    if (at >= HashMapLayout.MAP_SIZE) {
      return "behind its end";
    } else if (at >= FIRST_STRIPE) {
      long inStripe = (at - FIRST_STRIPE) % STRIPE_SIZE;
      String field =
          inStripe < STRIPE_TABLE + Long.BYTES
              ? "table word"
              : inStripe < STRIPE_COUNT + Long.BYTES
                  ? "count of entries"
                  : inStripe < STRIPE_MARK + Long.BYTES
                      ? "mark"
                      : inStripe < STRIPE_IDENTITY + Long.BYTES ? "identity" : "reserved";
      return "stripe %d, %s".formatted((at - FIRST_STRIPE) / STRIPE_SIZE, field);
    }
    return at < SEED ? "header" : at < SEED + Long.BYTES ? "seed" : "reserved";
  }

  private @Nullable String entryField(long entry) {
    return entry == search.block()
        ? "entry of %s, %s".formatted(title, fieldOfEntry(search, entry))
        : null;
  }

  /** Names the field of an entry that a search is for. */
  static String fieldOfEntry(BlockSearch search, long entry) {
    long at = search.at();
    if (at < ENTRY_LENGTHS) {
      return "header";
    } else if (at < ENTRY_KEY) {
      return at < ENTRY_LENGTHS + Integer.BYTES ? "key length" : "value length";
    }
    long lengths = search.accessor().getWord(entry + ENTRY_LENGTHS);
    int keyLength = EntryLayout.keyLength(lengths);
    long value = EntryLayout.value(0, keyLength);
    if (at < ENTRY_KEY + keyLength) {
      return "key";
    } else if (at < value) {
      return "padding";
    }
    return at < value + EntryLayout.valueLength(lengths) ? "value" : "behind its end";
  }

  /** Goes through one stripe. */
  private final class StripeWalk {
    private final long stripe;
    private final EntryVisitor visitor;
    private boolean isEntry;

    StripeWalk(int index, EntryVisitor visitor) {
      this.stripe = HashMapLayout.stripe(map, index);
      this.visitor = visitor;
    }

    @Nullable String search() {
      long table = search.read(stripe + STRIPE_TABLE);
      long start = HashMapLayout.table(table);
      if (table == 0) {
        return null;
      } else if (HashMapLayout.isSmall(table)) {
        return inChain(start, SMALL_SEGMENT_SIZE);
      }
      int depth = Math.min(HashMapLayout.depth(table), MAX_DEPTH);
      if (start == search.block()) {
        return directoryField(depth);
      }
      long last = 0;
      for (long i = 0; i < 1L << depth; i++) {
        long segment = search.read(start + FIRST_SEGMENT + i * Long.BYTES);
        String name = segment == last ? null : inChain(segment, SEGMENT_SIZE);
        if (name != null) {
          return name;
        }
        last = segment;
      }
      return null;
    }

    private String directoryField(int depth) {
      long at = search.at();
      long word = (at - FIRST_SEGMENT) / Long.BYTES;
      return at < FIRST_SEGMENT
          ? "directory, header"
          : word < 1L << depth ? "directory, word " + word : "behind the end of the directory";
    }

    private @Nullable String inChain(long first, long size) {
      String word = "segment";
      for (long segment = first; segment != 0; word = "overflow segment") {
        if (segment == search.block()) {
          return "%s, %s".formatted(word, segmentField(size));
        }
        long header = search.read(segment);
        for (long slot = Long.BYTES; slot < size; slot = HashMapLayout.nextSlot(slot)) {
          long entry = HashMapLayout.entry(search.read(segment + slot));
          String name = entry == 0 ? null : visitor.visit(entry);
          if (name != null) {
            isEntry = true;
            return name;
          }
        }
        segment = HashMapLayout.overflow(header);
      }
      return null;
    }

    private String segmentField(long size) {
      long at = search.at();
      if (at >= size) {
        return "behind its end";
      }
      long inLine = at % LINE_SIZE;
      String field =
          at < Long.BYTES
              ? "header"
              : inLine >= HINTS
                  ? "hint of slot " + (inLine - HINTS)
                  : "slot %d%s".formatted(inLine / Long.BYTES, isFree() ? ", free" : "");
      return "line %d, %s".formatted(at / LINE_SIZE, field);
    }

    private boolean isFree() {
      return search.read(search.block() + (search.at() & -Long.BYTES)) == 0;
    }
  }
}
