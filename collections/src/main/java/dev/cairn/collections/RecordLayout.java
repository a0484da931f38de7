package dev.cairn.collections;

import java.util.Arrays;

/**
 * Where the components of a record lie.
 *
 * <table>
 * <caption>Layout of a record</caption>
 * <tr><th>offset</th><th>size</th><th>field</th></tr>
 * <tr><td>position of the component: where the one before ends, rounded up to a multiple of the
 *     alignment</td>
 *     <td>the component's fixed size, or 4</td>
 *     <td>in the order of declaration: a component of fixed size; or, for one of variable size,
 *     the offset from the start of the record at which its content ends</td></tr>
 * <tr><td>if all components have a fixed size: after the last</td><td>0 to 7</td>
 *     <td>padding, up to a multiple of the record's alignment</td></tr>
 * <tr><td>else, for each variable component: where the content before it (for the first: the last
 *     component) ends, rounded up to a multiple of the alignment</td><td>any</td>
 *     <td>its content, in the order of declaration</td></tr>
 * </table>
 *
 * <p>Little-endian. The alignment of a component of fixed size is that of its type; where a content
 * ends is aligned to 4; content is aligned as its type, which is 1 for strings and bytes. A
 * record's own alignment is the largest among its components' and contents'. All padding is zero.
 * The record ends where its last content ends.
 *
 * <p>Ends, and not lengths, are stored so that each component is found and checked without looking
 * at all those before it.
 */
final class RecordLayout {
  private final int[] positions;
  private final int[] padding;
  private final int fixedPart;
  private final int alignment;
  private final boolean variable;

  private RecordLayout(
      int[] positions, int[] padding, int fixedPart, int alignment, boolean variable) {
    this.positions = positions;
    this.padding = padding;
    this.fixedPart = fixedPart;
    this.alignment = alignment;
    this.variable = variable;
  }

  /**
   * Lays components out in the order given.
   *
   * @param sizes of the components; {@link Type#VARIABLE} for those of variable size
   * @param alignments of the components; for those of variable size, of their content
   */
  static RecordLayout of(int[] sizes, int[] alignments) {
    int[] positions = new int[sizes.length];
    int[] padding = new int[0];
    int end = 0;
    int alignment = 1;
    boolean variable = false;
    for (int i = 0; i < sizes.length; i++) {
      boolean fixed = sizes[i] != Type.VARIABLE;
      int ownAlignment = fixed ? alignments[i] : Integer.BYTES;
      positions[i] = (int) alignUp(end, ownAlignment);
      padding = withBytes(padding, end, positions[i]);
      end = Math.addExact(positions[i], fixed ? sizes[i] : Integer.BYTES);
      alignment = Math.max(alignment, Math.max(ownAlignment, alignments[i]));
      variable |= !fixed;
    }
    if (!variable) {
      int aligned = (int) alignUp(end, alignment);
      padding = withBytes(padding, end, aligned);
      end = aligned;
    }
    return new RecordLayout(positions, padding, end, alignment, variable);
  }

  static long alignUp(long offset, int alignment) {
    return (offset + alignment - 1) & -alignment;
  }

  /** Returns where a component of fixed size, or the end of one of variable size, is stored. */
  int position(int component) {
    return positions[component];
  }

  /** Returns the positions of all bytes that belong to no component, below {@link #fixedPart}. */
  int[] padding() {
    return padding.clone();
  }

  /** Returns the bytes before the first content. */
  int fixedPart() {
    return fixedPart;
  }

  /** Returns the size of all such records, or {@link Type#VARIABLE}. */
  int fixedSize() {
    return variable ? Type.VARIABLE : fixedPart;
  }

  int alignment() {
    return alignment;
  }

  private static int[] withBytes(int[] positions, int from, int to) {
    int[] more = Arrays.copyOf(positions, positions.length + to - from);
    for (int i = from; i < to; i++) {
      more[positions.length + i - from] = i;
    }
    return more;
  }
}
