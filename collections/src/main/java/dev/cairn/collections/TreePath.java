package dev.cairn.collections;

/** The nodes from the top of a tree down to a leaf, and the position taken in each. */
final class TreePath {
  private final int height;
  private final long[] nodes;
  private final int[] positions;
  private boolean isRightmost = true;

  /**
   * Creates an empty path.
   *
   * @param height the level of the top node
   */
  TreePath(int height) {
    this.height = height;
    this.nodes = new long[height + 1];
    this.positions = new int[height + 1];
  }

  void set(int level, long node, int position, int count) {
    nodes[level] = node;
    positions[level] = position;
    isRightmost &= level == 1 || position == count - 1;
  }

  int height() {
    return height;
  }

  long node(int level) {
    return nodes[level];
  }

  int position(int level) {
    return positions[level];
  }

  /** Whether no leaf is behind this one. */
  boolean isRightmost() {
    return isRightmost;
  }
}
