package dev.cairn.allocator.spi;

/**
 * What the allocator knows of an offset.
 *
 * @param name what lies there, such as {@code chunk 7, header} or {@code free block}
 * @param block where the allocated block begins that the offset is in; 0 if it is in none
 * @param size of that block, in bytes
 */
public record BlockPlace(String name, long block, long size) {}
