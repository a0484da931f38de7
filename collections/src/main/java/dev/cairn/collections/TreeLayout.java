package dev.cairn.collections;

/**
 * Where a persistent tree map keeps what. The tables are in {@code docs/design.md}, section 4.
 *
 * <pre>
 *   tree   header (detail = check of the offset (24 bits)) | root word | count | mark of publish
 *          records | seed of hashes | reserved to 64
 *   root   0 if there is no entry, or {level (8 bits) | offset (56 bits)} of the top node
 *   node   header (detail = {check of the offset (24 bits) | level (8 bits)})
 *          | how many slots are in use (1 byte) | 55 slot numbers, those in use first, in the order
 *          of their keys | the slots
 *   slot   of a leaf (level 1): prefix of the key | {tag (16 bits) | entry offset (48 bits)}
 *          of a branch: prefix of the separator | offset of its key, or 0 | offset of the child
 *   key    see {@link ValueBlocks}
 * </pre>
 *
 * The numbers of a node's slots are all there, so that those behind the ones in use are the free
 * ones. All of a node but its slots is one line.
 */
final class TreeLayout {
  static final long ROOT = 8;
  static final long COUNT = 16;
  static final long MARK = 24;
  static final long SEED = 32;
  static final long TREE_SIZE = 64;

  /** Where a node has the number of its slots in use, a byte. */
  static final long USED = 8;

  /** Where a node has the first slot number, a byte. */
  static final long ORDER = 9;

  static final long FIRST_SLOT = 64;

  /** The line of a node without its header. */
  static final long ORDER_SIZE = FIRST_SLOT - USED;

  static final long LEAF_ENTRY = 8;
  static final long LEAF_SLOT_SIZE = 16;
  static final int LEAF_CAPACITY = 52;
  static final long LEAF_SIZE = FIRST_SLOT + LEAF_CAPACITY * LEAF_SLOT_SIZE;

  static final long BRANCH_KEY = 8;
  static final long BRANCH_CHILD = 16;
  static final long BRANCH_SLOT_SIZE = 24;
  static final int BRANCH_CAPACITY = 50;

  /** A multiple of the size of a line, so that nodes begin with one. */
  static final long BRANCH_SIZE = 1280;

  /** Nodes above have too many entries below them for any heap. */
  static final int MOST_LEVELS = 16;

  private static final int LEVEL_SHIFT = 56;
  private static final int LEVEL_BITS = 8;
  private static final long OFFSET_MASK = (1L << LEVEL_SHIFT) - 1;

  private TreeLayout() {}

  static long treeHeader(long tree) {
    return BlockHeader.of(BlockHeader.TREE, BlockHeader.check(tree));
  }

  static long nodeHeader(long node, int level) {
    return BlockHeader.of(BlockHeader.NODE, (BlockHeader.check(node) << LEVEL_BITS) | level);
  }

  static long rootWord(long node, int level) {
    return ((long) level << LEVEL_SHIFT) | node;
  }

  static int level(long rootWord) {
    return (int) (rootWord >>> LEVEL_SHIFT);
  }

  static long node(long rootWord) {
    return rootWord & OFFSET_MASK;
  }

  static int capacity(int level) {
    return level == 1 ? LEAF_CAPACITY : BRANCH_CAPACITY;
  }

  static long nodeSize(int level) {
    return level == 1 ? LEAF_SIZE : BRANCH_SIZE;
  }

  static long slotSize(int level) {
    return level == 1 ? LEAF_SLOT_SIZE : BRANCH_SLOT_SIZE;
  }
}
