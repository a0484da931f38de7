/**
 * A Block Translation Table: {@link dev.cairn.btt.BttStore} formats, opens, reads and writes;
 * {@link dev.cairn.btt.BttPin} shows a block where it lies; {@link dev.cairn.btt.BttMedium} bears a
 * heap.
 *
 * <p>From the medium upwards: info blocks say where an arena's areas lie; the flog (free list and
 * log in one) says which block each lane may write next; the map says which block holds which
 * logical block. A write fills a free block, notes the change in its lane's flog, then swings the
 * map. Where blocks are written together, a redo log in the last blocks comes before that. {@code
 * docs/btt.md} gives the format and the reason for the order of each step.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout.
 */
@NullMarked
package dev.cairn.btt;

import org.jspecify.annotations.NullMarked;
