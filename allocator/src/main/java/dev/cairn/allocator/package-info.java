/**
 * What users see of the allocator: that a heap can be {@linkplain
 * dev.cairn.allocator.OutOfPersistentMemoryException full}, and how full it is.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout.
 */
@NullMarked
package dev.cairn.allocator;

import org.jspecify.annotations.NullMarked;
