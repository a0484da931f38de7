package dev.cairn.collections;

import static dev.cairn.collections.TreeLayout.FIRST_SLOT;
import static dev.cairn.collections.TreeLayout.ORDER;
import static dev.cairn.collections.TreeLayout.USED;

import org.jspecify.annotations.Nullable;

/** Names what lies in a tree, node by node. */
final class TreeDescriber {
  private final BlockSearch search;
  private final String title;
  private final long tree;

  TreeDescriber(BlockSearch search, String title, long tree) {
    this.search = search;
    this.title = title;
    this.tree = tree;
  }

  /** Names the place that is looked for, if it is in this tree. */
  @Nullable String describe() {
    if (search.block() == tree) {
      return title + ", " + treeField(search.at());
    }
    long root = search.read(tree + TreeLayout.ROOT);
    int level = Math.min(TreeLayout.level(root), TreeLayout.MOST_LEVELS);
    return level == 0 ? null : inNode(TreeLayout.node(root), level);
  }

  private static String treeField(long at) {
    if (at >= TreeLayout.TREE_SIZE) {
      return "behind its end";
    }
    return switch ((int) at / Long.BYTES) {
      case 0 -> "header";
      case 1 -> "root word";
      case 2 -> "count of entries";
      case 3 -> "mark";
      case 4 -> "seed";
      default -> "reserved";
    };
  }

  private @Nullable String inNode(long node, int level) {
    if (node == search.block()) {
      return "%s, %s, %s".formatted(title, kind(level), nodeField(search.at(), level));
    }
    long line = search.read(node + USED);
    int used = Math.min((int) line & 0xFF, TreeLayout.capacity(level));
    for (int i = 0; i < used; i++) {
      long at = ORDER + i;
      long numbers = search.read(node + (at & -Long.BYTES));
      int number = (int) (numbers >>> (at % Long.BYTES * Byte.SIZE)) & 0xFF;
      long slot = node + FIRST_SLOT + number * TreeLayout.slotSize(level);
      String name = level == 1 ? inEntry(slot) : inBranchSlot(slot, level);
      if (name != null) {
        return name;
      }
    }
    return null;
  }

  private static String kind(int level) {
    return level == 1 ? "leaf" : "branch of level " + level;
  }

  private static String nodeField(long at, int level) {
    long slot = (at - FIRST_SLOT) / TreeLayout.slotSize(level);
    if (at < USED) {
      return "header";
    } else if (at < ORDER) {
      return "count of slots";
    } else if (at < FIRST_SLOT) {
      return "slot number " + (at - ORDER);
    } else if (slot >= TreeLayout.capacity(level)) {
      return "behind its end";
    }
    String[] fields =
        level == 1 ? new String[] {"prefix", "entry"} : new String[] {"prefix", "key", "child"};
    int field = (int) ((at - FIRST_SLOT) % TreeLayout.slotSize(level)) / Long.BYTES;
    return "slot %d, %s".formatted(slot, fields[field]);
  }

  private @Nullable String inEntry(long slot) {
    long entry = HashMapLayout.entry(search.read(slot + TreeLayout.LEAF_ENTRY));
    return entry == search.block()
        ? "entry of %s, %s".formatted(title, MapDescriber.fieldOfEntry(search, entry))
        : null;
  }

  private @Nullable String inBranchSlot(long slot, int level) {
    long key = search.read(slot + TreeLayout.BRANCH_KEY);
    if (key == search.block() && key != 0) {
      return "key of a separator of %s, %s".formatted(title, ValueBlocks.field(search));
    }
    return inNode(search.read(slot + TreeLayout.BRANCH_CHILD), level - 1);
  }
}
