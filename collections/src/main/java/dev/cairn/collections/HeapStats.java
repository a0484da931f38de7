package dev.cairn.collections;

/**
 * How full a heap is, and what was done with it.
 *
 * @param size of the file, in bytes
 * @param maximumSize how far it can grow, in bytes
 * @param usedBytes in allocated blocks
 * @param freeBytes in free blocks and free chunks, before the heap grows
 * @param collections how many named collections there are
 * @param commits transactions that changed something and committed, since the heap was opened
 * @param rolledBack whether the open found a transaction cut short, and undid it
 */
public record HeapStats(
    long size,
    long maximumSize,
    long usedBytes,
    long freeBytes,
    int collections,
    long commits,
    boolean rolledBack) {}
