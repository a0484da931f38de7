/**
 * What a user needs to know of the file under a heap: how it is opened ({@link
 * dev.cairn.heap.HeapOptions}), what survives what ({@link dev.cairn.heap.Durability}), and what
 * can go wrong ({@link dev.cairn.heap.PersistentMemoryException} and its children).
 *
 * <p>{@link dev.cairn.heap.Medium} is the seam between Cairn and the world: every byte that must
 * survive goes through one. Real media are chosen by the heap itself; a program implements the
 * interface only to simulate one.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout, unless a method says otherwise.
 */
@NullMarked
package dev.cairn.heap;

import org.jspecify.annotations.NullMarked;
