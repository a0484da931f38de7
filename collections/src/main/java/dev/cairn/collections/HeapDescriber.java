package dev.cairn.collections;

import static dev.cairn.collections.HashMapLayout.ENTRY_KEY;
import static dev.cairn.collections.HashMapLayout.ENTRY_LENGTHS;
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

import dev.cairn.allocator.spi.BlockPlace;
import dev.cairn.collections.Catalog.CatalogEntry;
import dev.cairn.collections.Catalog.Kind;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.heap.spi.RegionNames;
import dev.cairn.tx.spi.LogNames;
import org.jspecify.annotations.Nullable;

/**
 * Names what lies at an offset: structure and field. For reports of all kinds, about damaged heaps
 * too: where it cannot find its way, it falls back to the best name that it has.
 *
 * <p>Reads without locks, and changes nothing. Looks for a block's owner from the catalog on, which
 * takes as long as the heap is full.
 */
final class HeapDescriber {
  private final OpenHeap heap;
  private final MediumAccessor accessor;

  /** Words still to be read before it gives up: damage can make a walk endless. */
  private long budget;

  HeapDescriber(OpenHeap heap) {
    this.heap = heap;
    this.accessor = heap.accessor();
    this.budget = 4 * accessor.size() / Long.BYTES;
  }

  /** Names what lies at an offset. Never throws. */
  String describe(long offset) {
    String fixed = RegionNames.describe(offset);
    if (fixed != null) {
      return fixed;
    } else if (offset >= accessor.size()) {
      return "behind the end of the heap";
    }
    try {
      return offset < HeapLayout.ZONES_OFFSET ? inLanes(offset) : inZones(offset);
    } catch (RuntimeException | InternalError unreadable) {
      return offset < HeapLayout.ZONES_OFFSET ? "lanes" : "zones";
    }
  }

  private String inLanes(long offset) {
    String name = LogNames.describe(accessor, offset);
    return name != null ? name : "lanes";
  }

  private String inZones(long offset) {
    BlockPlace place = heap.allocator().place(offset);
    String name;
    try {
      name =
          place.block() == 0
              ? LogNames.describe(accessor, offset)
              : inBlock(place.block(), offset - place.block());
    } catch (RuntimeException damaged) {
      name = null;
    }
    if (name != null) {
      return name;
    }
    return place.block() == 0
        ? place.name()
        : "%s, byte %d".formatted(place.name(), offset - place.block());
  }

  /** Looks for the owner of an allocated block, from the root word on. */
  private @Nullable String inBlock(long block, long at) {
    long catalog = accessor.getWord(HeapLayout.ROOT_OFFSET);
    String name = inMap("catalog", catalog, block, at);
    if (name != null || catalog == 0) {
      return name;
    }
    return eachSlot(
        catalog,
        (stripe, entry) -> {
          try {
            return inCollection(entry, block, at);
          } catch (RuntimeException damaged) {
            return null;
          }
        });
  }

  private @Nullable String inCollection(long catalogEntry, long block, long at) {
    long lengths = accessor.getWord(catalogEntry + ENTRY_LENGTHS);
    int keyLength = HashMapLayout.keyLength(lengths);
    if (keyLength > heap.allocator().blockSize(catalogEntry)) {
      return null; // damaged: no array is made of what it claims
    }
    String name = Types.STRING.read(accessor, catalogEntry + ENTRY_KEY, keyLength);
    long record = HashMapLayout.value(catalogEntry, keyLength);
    long offset = accessor.getLong(record + CatalogEntry.OFFSET);
    Kind kind = Kind.of(accessor.getByte(record + CatalogEntry.KIND));
    if (kind == null) {
      return null;
    }
    String title = kind.word + " " + Catalog.quoted(name);
    return switch (kind) {
      case MAP, SET -> inMap(title, offset, block, at);
      case LIST -> inList(title, offset, block, at);
      case LONG -> block == offset ? title + ", " + longField(at) : null;
    };
  }

  // Maps.

  /** Is shown a slot's entry; ends the walk by an answer. */
  private interface SlotVisitor {
    @Nullable String visit(int stripe, long entry);
  }

  private @Nullable String eachSlot(long map, SlotVisitor visitor) {
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      String name = new StripeSearch(map, stripe, 0, 0, visitor).search();
      if (name != null) {
        return name;
      }
    }
    return null;
  }

  private @Nullable String inMap(String title, long map, long block, long at) {
    if (block == map) {
      return title + ", " + mapField(at);
    }
    for (int i = 0; i < STRIPES; i++) {
      StripeSearch search =
          new StripeSearch(
              map,
              i,
              block,
              at,
              (stripe, entry) ->
                  entry == block
                      ? "entry of %s, %s".formatted(title, entryField(entry, at))
                      : null);
      String name = search.search();
      if (name != null) {
        return search.isEntry ? name : "%s, stripe %d, %s".formatted(title, i, name);
      }
    }
    return null;
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

  private String entryField(long entry, long at) {
    if (at < ENTRY_LENGTHS) {
      return "header";
    } else if (at < ENTRY_KEY) {
      return at < ENTRY_LENGTHS + Integer.BYTES ? "key length" : "value length";
    }
    long lengths = accessor.getWord(entry + ENTRY_LENGTHS);
    int keyLength = HashMapLayout.keyLength(lengths);
    long value = HashMapLayout.value(0, keyLength);
    if (at < ENTRY_KEY + keyLength) {
      return "key";
    } else if (at < value) {
      return "padding";
    }
    return at < value + HashMapLayout.valueLength(lengths) ? "value" : "behind its end";
  }

  /** Looks for a block in one stripe. */
  private final class StripeSearch {
    private final long stripe;
    private final int index;
    private final long block;
    private final long at;
    private final SlotVisitor visitor;
    private boolean isEntry;

    StripeSearch(long map, int index, long block, long at, SlotVisitor visitor) {
      this.stripe = HashMapLayout.stripe(map, index);
      this.index = index;
      this.block = block;
      this.at = at;
      this.visitor = visitor;
    }

    @Nullable String search() {
      long table = read(stripe + STRIPE_TABLE);
      long start = HashMapLayout.table(table);
      if (table == 0) {
        return null;
      } else if (HashMapLayout.isSmall(table)) {
        return inChain(start, SMALL_SEGMENT_SIZE);
      }
      int depth = Math.min(HashMapLayout.depth(table), MAX_DEPTH);
      if (start == block) {
        return directoryField(depth);
      }
      long last = 0;
      for (long i = 0; i < 1L << depth; i++) {
        long segment = read(start + FIRST_SEGMENT + i * Long.BYTES);
        String name = segment == last ? null : inChain(segment, SEGMENT_SIZE);
        if (name != null) {
          return name;
        }
        last = segment;
      }
      return null;
    }

    private String directoryField(int depth) {
      long word = (at - FIRST_SEGMENT) / Long.BYTES;
      return at < FIRST_SEGMENT
          ? "directory, header"
          : word < 1L << depth ? "directory, word " + word : "behind the end of the directory";
    }

    private @Nullable String inChain(long first, long size) {
      String word = "segment";
      for (long segment = first; segment != 0; word = "overflow segment") {
        if (segment == block) {
          return "%s, %s".formatted(word, segmentField(size));
        }
        long header = read(segment);
        for (long slot = Long.BYTES; slot < size; slot = HashMapLayout.nextSlot(slot)) {
          long entry = HashMapLayout.entry(read(segment + slot));
          String name = entry == 0 ? null : visitor.visit(index, entry);
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
      return read(block + (at & -Long.BYTES)) == 0;
    }
  }

  // Lists.

  private @Nullable String inList(String title, long list, long block, long at) {
    if (block == list) {
      return title + ", " + listField(at);
    }
    long header = accessor.getWord(list);
    long width = ListLayout.width(header);
    long size = accessor.getWord(list + ListLayout.SIZE);
    for (int segment = 0; segment < ListLayout.SEGMENTS; segment++) {
      long start = accessor.getWord(ListLayout.segmentWord(list, segment));
      long first = ListLayout.firstIndex(segment);
      if (start != 0 && start == block) {
        long element = first + at / width;
        if (at >= ListLayout.segmentElements(segment) * width) {
          return "%s, segment %d, behind its end".formatted(title, segment);
        }
        return element < size
            ? "%s, element %d%s"
                .formatted(title, element, ListLayout.isInline(header) ? ", value" : ", offset")
            : title + ", behind the last element";
      }
      long end = Math.min(size, first + ListLayout.segmentElements(segment));
      for (long i = first; start != 0 && !ListLayout.isInline(header) && i < end; i++) {
        if (read(start + (i - first) * Long.BYTES) == block) {
          return "value of %s, element %d, %s".formatted(title, i, valueField(block, at));
        }
      }
    }
    return null;
  }

  private static String listField(long at) {
    long segment = (at - ListLayout.FIRST_SEGMENT) / Long.BYTES;
    if (at < ListLayout.SIZE) {
      return "header";
    } else if (at < ListLayout.FIRST_SEGMENT) {
      return "size";
    } else if (segment < ListLayout.SEGMENTS) {
      return "segment word " + segment;
    } else if (at < ListLayout.MARK + Long.BYTES) {
      return "mark";
    }
    return at < ListLayout.LIST_SIZE ? "reserved" : "behind its end";
  }

  private String valueField(long block, long at) {
    if (at < ListLayout.VALUE) {
      return "header";
    }
    long length = ListLayout.claimedLength(accessor.getWord(block));
    return at < ListLayout.VALUE + length ? "content" : "behind its end";
  }

  private static String longField(long at) {
    if (at < LongLayout.VALUE) {
      return "header";
    } else if (at < LongLayout.MARK) {
      return "value";
    } else if (at < LongLayout.MARK + Long.BYTES) {
      return "mark";
    }
    return at < LongLayout.LONG_SIZE ? "reserved" : "behind its end";
  }

  private long read(long offset) {
    if (--budget < 0) {
      throw new IllegalArgumentException("a walk without end");
    }
    return accessor.getWord(offset);
  }
}
