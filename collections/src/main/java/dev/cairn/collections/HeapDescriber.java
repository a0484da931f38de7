package dev.cairn.collections;

import static dev.cairn.collections.EntryLayout.ENTRY_KEY;
import static dev.cairn.collections.EntryLayout.ENTRY_LENGTHS;

import dev.cairn.allocator.spi.BlockPlace;
import dev.cairn.collections.Catalog.CatalogEntry;
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

  HeapDescriber(OpenHeap heap) {
    this.heap = heap;
    this.accessor = heap.accessor();
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
    BlockSearch search = new BlockSearch(heap, block, at);
    MapDescriber catalog =
        new MapDescriber(search, "catalog", accessor.getWord(HeapLayout.ROOT_OFFSET));
    String name = catalog.describe();
    return name != null ? name : catalog.eachEntry(entry -> inCollection(entry, search));
  }

  private @Nullable String inCollection(long catalogEntry, BlockSearch search) {
    try {
      long lengths = accessor.getWord(catalogEntry + ENTRY_LENGTHS);
      int keyLength = EntryLayout.keyLength(lengths);
      int valueLength = EntryLayout.valueLength(lengths);
      if (EntryLayout.entrySize(keyLength, valueLength) > search.blockSize(catalogEntry)) {
        return null; // damaged: no array is made of what it claims
      }
      String name = Types.STRING.read(accessor, catalogEntry + ENTRY_KEY, keyLength);
      long record = EntryLayout.value(catalogEntry, keyLength);
      CatalogEntry entry =
          CatalogEntry.decode(name, Types.BYTES.read(accessor, record, valueLength), catalogEntry);
      return entry.kind().describe(search, entry.kind().title(name), entry.offset());
    } catch (RuntimeException damaged) {
      return null;
    }
  }
}
