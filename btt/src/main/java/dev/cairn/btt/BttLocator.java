package dev.cairn.btt;

import static dev.cairn.btt.InfoLayout.INFO_SIZE;

import dev.cairn.btt.ArenaSizes.Piece;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds the info blocks of a table. A block that is missing or broken is taken from its other copy;
 * what is not recognised is left as it is.
 */
final class BttLocator {
  private final String name;
  private final MediumAccessor medium;
  private final InfoBlocks blocks;
  private final ArenaSizes sizes;

  BttLocator(Medium medium, ArenaSizes sizes) {
    this.name = medium.name();
    this.medium = MediumAccessor.forProtocol(medium);
    this.blocks = new InfoBlocks(this.medium);
    this.sizes = sizes;
  }

  /**
   * An arena that was found.
   *
   * @param offset in bytes from the start of the medium
   * @param info what a good info block says
   * @param copyToMend where an info block is missing or broken, or -1
   */
  record Found(long offset, ArenaInfo info, long copyToMend) {}

  /**
   * Says where a table begins.
   *
   * @throws HeapFormatException if there is none, or there are two
   * @throws HeapCorruptedException if there is one whose first info blocks are both broken
   */
  BttPlacement detect() {
    if (PoolHeader.isPresent(medium)) {
      return BttPlacement.POOL;
    }
    @Nullable BttPlacement found = null;
    @Nullable HeapCorruptedException damage = null;
    for (BttPlacement placement : List.of(BttPlacement.AFTER_FIRST_PAGE, BttPlacement.START)) {
      try {
        if (findFirst(placement) == null) {
          continue;
        }
      } catch (HeapCorruptedException e) {
        damage = e;
        continue;
      }
      if (found != null) {
        throw new HeapFormatException(name + ": tables at 4096 and at 0: say which one is meant");
      }
      found = placement;
    }
    if (found != null) {
      return found;
    }
    if (damage != null) {
      throw damage;
    }
    throw new HeapFormatException(
        name + ": no table: expected one at 4096, at 0, or in a pool at 8192");
  }

  /**
   * Finds all arenas.
   *
   * @param parent what the info blocks must say, or null for anything
   * @throws HeapFormatException if there is no table at that place
   * @throws HeapCorruptedException if both info blocks of an arena are broken or missing
   * @throws BttParentMismatchException if it is the table of another parent
   */
  List<Found> find(BttPlacement placement, @Nullable UUID parent) {
    boolean isPool = placement == BttPlacement.POOL && PoolHeader.isPresent(medium);
    UUID expected = isPool ? PoolHeader.read(medium).uuid() : parent;
    @Nullable Found found = findFirst(placement);
    if (found == null) {
      throw new HeapFormatException(
          "%s: no table at offset 0x%x%s".formatted(name, placement.offset(), hint(placement)));
    }
    ArenaInfo first = found.info;
    // The kernel lets a table without a parent lie anywhere; PMDK always writes one.
    boolean isAnybodys = placement != BttPlacement.POOL && first.parent().equals(new UUID(0, 0));
    if (expected != null && !isAnybodys && !expected.equals(first.parent())) {
      throw new BttParentMismatchException(found.offset, expected, first.parent());
    }
    List<Found> arenas = new ArrayList<>();
    arenas.add(found);
    List<Piece> pieces = sizes.cut(placement.offset(), medium.size());
    while (found.info.geometry().nextOffset() != 0) {
      if (arenas.size() >= pieces.size()) {
        throw new HeapCorruptedException(
            "BTT info block", found.offset, "the last one", "one that another follows");
      }
      Piece piece = pieces.get(arenas.size());
      found = find(placement, piece, first);
      if (found == null) {
        throw new HeapCorruptedException(
            "BTT info block", piece.offset(), "an arena", "no info block and no backup");
      }
      arenas.add(found);
    }
    return arenas;
  }

  private static String hint(BttPlacement placement) {
    return placement == BttPlacement.POOL
        ? ": libpmemblk makes it with the first write, pmempool with the option -w"
        : "";
  }

  private @Nullable Found findFirst(BttPlacement placement) {
    List<Piece> pieces = sizes.cut(placement.offset(), medium.size());
    return pieces.isEmpty() ? null : find(placement, pieces.getFirst(), null);
  }

  /**
   * Finds an info block of an arena, the primary if it is good.
   *
   * @param first of the same table, or null if that is the one to be found
   * @return null if neither place claims to have one
   * @throws HeapCorruptedException if one does and none is good
   */
  private @Nullable Found find(BttPlacement placement, Piece piece, @Nullable ArenaInfo first) {
    long backup = piece.offset() + piece.size() - INFO_SIZE;
    @Nullable ArenaInfo primary = null;
    @Nullable HeapCorruptedException damage = null;
    try {
      primary = readFitting(placement, piece, piece.offset(), first);
    } catch (HeapCorruptedException e) {
      damage = e;
    }
    @Nullable ArenaInfo copy = null;
    try {
      copy = readFitting(placement, piece, backup, first);
    } catch (HeapCorruptedException e) {
      damage = damage == null ? e : damage;
    }
    if (primary != null) {
      return new Found(piece.offset(), primary, primary.equals(copy) ? -1 : backup);
    }
    if (copy != null) {
      return new Found(piece.offset(), copy, piece.offset());
    }
    if (damage != null) {
      throw damage;
    }
    return null;
  }

  private @Nullable ArenaInfo readFitting(
      BttPlacement placement, Piece piece, long offset, @Nullable ArenaInfo first) {
    @Nullable ArenaInfo info = blocks.read(offset);
    if (info == null) {
      return null;
    }
    if (info.major() != placement.major() || info.minor() != placement.minor()) {
      return null; // a table that begins elsewhere, of whose backup this is the place too
    }
    ArenaGeometry geometry = info.geometry();
    if (geometry.size() != piece.size()) {
      throw new HeapCorruptedException(
          "BTT info block",
          offset,
          "an arena of %,d bytes".formatted(piece.size()),
          "one of %,d".formatted(geometry.size()));
    }
    if (first != null
        && !(first.uuid().equals(info.uuid())
            && first.parent().equals(info.parent())
            && first.geometry().externalBlockSize() == geometry.externalBlockSize())) {
      throw new HeapCorruptedException(
          "BTT info block", offset, "table " + first.uuid(), "table " + info.uuid());
    }
    return info;
  }
}
