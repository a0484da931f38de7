package dev.cairn.btt;

import java.util.ArrayList;
import java.util.List;

/**
 * How space is cut into arenas.
 *
 * @param smallest a rest below this is left alone
 * @param largest all arenas but the last have this size
 */
record ArenaSizes(long smallest, long largest) {
  /** What the format prescribes: 16 MiB to 512 GiB. Tests use less, to see all of an arena. */
  static final ArenaSizes STANDARD = new ArenaSizes(1L << 24, 1L << 39);

  /**
   * A piece of the space.
   *
   * @param offset in bytes from the start of the medium
   * @param size in bytes
   * @param hasNext whether another arena follows
   */
  record Piece(long offset, long size, boolean hasNext) {}

  /**
   * Returns the pieces in their order; none if there is too little space.
   *
   * @param start of the space, in bytes from the start of the medium
   * @param mediumSize in bytes; what is beyond the last whole page is left alone
   */
  List<Piece> cut(long start, long mediumSize) {
    List<Piece> pieces = new ArrayList<>();
    long end = mediumSize / InfoLayout.ALIGNMENT * InfoLayout.ALIGNMENT;
    long offset = start;
    while (end - offset >= smallest) {
      long size = Math.min(largest, end - offset);
      boolean hasNext = end - offset - size >= smallest;
      pieces.add(new Piece(offset, size, hasNext));
      offset += size;
    }
    return pieces;
  }
}
