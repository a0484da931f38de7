/**
 * The allocator as Cairn's own modules see it.
 *
 * <p>The persistent truth is small: one word for each chunk in use, and a bitmap in each run. All
 * else is volatile and rebuilt lazily. {@link dev.cairn.allocator.spi.Allocator} is the door.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout.
 */
@NullMarked
package dev.cairn.allocator.spi;

import org.jspecify.annotations.NullMarked;
