/**
 * Collections that live in a persistent heap. Start at {@link
 * dev.cairn.collections.PersistentHeap}: it opens a heap, finds or makes collections by name, and
 * runs transactions. {@link dev.cairn.collections.Types} says what they can hold.
 *
 * <p>A heap is a file. What is in it survives what the heap's {@linkplain
 * dev.cairn.collections.PersistentHeap#durability durability} says, and every operation that
 * returned is kept: there is no save and no sync.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout, unless a method says otherwise.
 */
@NullMarked
package dev.cairn.collections;

import org.jspecify.annotations.NullMarked;
