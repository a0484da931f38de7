package dev.cairn.allocator.spi;

/**
 * How full a heap is.
 *
 * @param usedBytes in allocated blocks
 * @param freeBytes in free blocks of runs, and in free chunks
 * @param freeChunkBytes in free chunks alone: they serve any size
 * @param runs how many runs there are
 * @param spans how many blocks of whole chunks there are
 */
public record AllocatorStats(
    long usedBytes, long freeBytes, long freeChunkBytes, long runs, long spans) {}
