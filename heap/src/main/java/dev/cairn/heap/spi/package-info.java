/**
 * The heap as Cairn's own modules see it: {@link dev.cairn.heap.spi.HeapFile} opens and grows it,
 * {@link dev.cairn.heap.spi.MediumAccessor} reads, stores, flushes and fences.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout.
 */
@NullMarked
package dev.cairn.heap.spi;

import org.jspecify.annotations.NullMarked;
