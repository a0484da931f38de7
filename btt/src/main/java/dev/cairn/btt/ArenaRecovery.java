package dev.cairn.btt;

import static dev.cairn.btt.FlogLayout.AFTER_OFFSET;
import static dev.cairn.btt.FlogLayout.BEFORE_OFFSET;
import static dev.cairn.btt.FlogLayout.SLOTS;
import static dev.cairn.btt.FlogLayout.SLOT_SIZE;
import static dev.cairn.btt.FlogLayout.first;
import static dev.cairn.btt.FlogLayout.second;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an arena was left as: which block each lane owns, and which writes had passed their commit
 * point but not reached the map.
 *
 * <p>Looks at everything before it changes anything. Takes time in proportion to the map, and a bit
 * of memory for each block.
 */
final class ArenaRecovery {
  /*
   * I1  The blocks that map entries own and those that lanes own are all blocks, each once. Checked
   *     as it will be once the unfinished writes are finished.
   * I2  No two lanes have an unfinished write of the same logical block: the map is durable before
   *     the lock of its entry is given back. So lanes can be finished in any order, and again.
   */
  private static final int MOST_FINDINGS = 16;

  private final MediumAccessor medium;
  private final long offset;
  private final ArenaGeometry geometry;
  private final List<HeapCorruptedException> damage = new ArrayList<>();
  private final LaneLog[] lanes;

  /** Logical blocks whose map entry must still be swung, with the block they get. */
  private final Map<Integer, Integer> unfinished = new HashMap<>();

  /** Slots of lanes that never finished a write, where the first half of one stands. */
  private final List<Long> halfWritten = new ArrayList<>();

  private ArenaRecovery(MediumAccessor medium, long offset, ArenaGeometry geometry) {
    this.medium = medium;
    this.offset = offset;
    this.geometry = geometry;
    this.lanes = new LaneLog[geometry.freeBlocks()];
  }

  /** Looks at an arena, and changes nothing. */
  static ArenaRecovery examine(MediumAccessor medium, long offset, ArenaGeometry geometry) {
    ArenaRecovery recovery = new ArenaRecovery(medium, offset, geometry);
    int otherSlot = recovery.otherSlot();
    for (int lane = 0; lane < geometry.freeBlocks(); lane++) {
      recovery.examineLane(lane, otherSlot);
    }
    if (recovery.damage.isEmpty()) {
      recovery.checkEachBlockIsOwnedOnce();
    }
    return recovery;
  }

  /** Returns what is wrong; then nothing may be written to the arena. */
  List<HeapCorruptedException> damage() {
    return List.copyOf(damage);
  }

  /** Returns the lanes; none if there is damage, since nobody may write then. */
  LaneLog[] lanes() {
    return damage.isEmpty() ? lanes : new LaneLog[0];
  }

  /** Finishes the writes that had passed their commit point. May be repeated. */
  void finish() {
    assert damage.isEmpty() : damage;
    unfinished.forEach(
        (index, block) -> {
          // Data and flog are durable. After a crash here the same is done again.
          long entry = offset + geometry.entryOffset(index);
          medium.putInt(entry, block | MapEntry.NORMAL);
          medium.flush(entry, MapEntry.SIZE);
        });
    for (long slot : halfWritten) {
      // Harmless to us, for a slot of sequence 0 is never current; but pmempool finds fault with
      // it.
      medium.putWord(slot + BEFORE_OFFSET, 0);
      medium.flush(slot, SLOT_SIZE);
    }
    if (!unfinished.isEmpty() || !halfWritten.isEmpty()) {
      // Before any lane is used again: its next write overwrites what tells of the last one.
      medium.fence();
    }
  }

  /**
   * Returns which slot is used beside the first: kernels before 4.15 padded each slot to 32 bytes.
   */
  private int otherSlot() {
    boolean usesSecond = false;
    boolean usesThird = false;
    for (int lane = 0; lane < geometry.freeBlocks(); lane++) {
      long group = offset + geometry.groupOffset(lane);
      usesSecond |= !medium.isZero(group + SLOT_SIZE, SLOT_SIZE);
      usesThird |= !medium.isZero(group + 2 * SLOT_SIZE, SLOT_SIZE);
      if (!medium.isZero(group + (SLOTS - 1) * SLOT_SIZE, SLOT_SIZE) || (usesSecond && usesThird)) {
        addDamage("BTT flog", group, "two slots in use", "more");
        return 1;
      }
    }
    return usesThird ? 2 : 1;
  }

  private void examineLane(int lane, int otherSlot) {
    long slot0 = offset + geometry.groupOffset(lane);
    long slot1 = slot0 + (long) otherSlot * SLOT_SIZE;
    int sequence0 = second(medium.getWord(slot0 + AFTER_OFFSET));
    int sequence1 = second(medium.getWord(slot1 + AFTER_OFFSET));
    int current = FlogLayout.current(sequence0, sequence1);
    if (current < 0) {
      addDamage(
          "BTT flog",
          slot0,
          "sequence numbers 0 to 3 that differ",
          sequence0 + " and " + sequence1);
      return;
    }
    long at = current == 0 ? slot0 : slot1;
    long before = medium.getWord(at + BEFORE_OFFSET);
    long after = medium.getWord(at + AFTER_OFFSET);
    int index = first(before);
    int oldBlock = MapEntry.block(second(before));
    int newBlock = MapEntry.block(first(after));
    if (index < 0
        || index >= geometry.externalBlocks()
        || oldBlock >= geometry.internalBlocks()
        || newBlock >= geometry.internalBlocks()) {
      addDamage(
          "BTT flog",
          at,
          "block below %d, internally %d"
              .formatted(geometry.externalBlocks(), geometry.internalBlocks()),
          "block %d, old %d, new %d".formatted(index, oldBlock, newBlock));
      return;
    }
    long idle = current == 0 ? slot1 : slot0;
    lanes[lane] = new LaneLog(oldBlock, idle, at, FlogLayout.nextSequence(second(after)));
    if (oldBlock != newBlock) {
      int entry = medium.getInt(offset + geometry.entryOffset(index));
      // If the map names neither, a later write of another lane has moved the block on.
      if (MapEntry.ownedBlock(entry, index) == oldBlock) {
        unfinished.put(index, newBlock);
      }
    }
    long idleAfter = medium.getWord(idle + AFTER_OFFSET);
    if (second(idleAfter) == 0 && medium.getWord(idle + BEFORE_OFFSET) != 0) {
      halfWritten.add(idle);
    }
  }

  private void checkEachBlockIsOwnedOnce() {
    BitSet owned = new BitSet(geometry.internalBlocks());
    for (int lane = 0; lane < lanes.length; lane++) {
      own(owned, lanes[lane].freeBlock(), "BTT flog", offset + geometry.groupOffset(lane));
    }
    for (int index = 0; index < geometry.externalBlocks(); index++) {
      long at = offset + geometry.entryOffset(index);
      int block = MapEntry.ownedBlock(medium.getInt(at), index);
      own(owned, unfinished.getOrDefault(index, block), "BTT map entry", at);
    }
    // As many owners as blocks: if none is owned twice, each is owned.
  }

  private void own(BitSet owned, int block, String structure, long at) {
    if (block >= geometry.internalBlocks()) {
      addDamage(structure, at, "a block below " + geometry.internalBlocks(), "block " + block);
    } else if (owned.get(block)) {
      addDamage(structure, at, "a block of its own", "block %d, taken".formatted(block));
    } else {
      owned.set(block);
    }
  }

  private void addDamage(String structure, long at, String expected, String actual) {
    if (damage.size() < MOST_FINDINGS) {
      damage.add(new HeapCorruptedException(structure, at, expected, actual));
    }
  }
}
