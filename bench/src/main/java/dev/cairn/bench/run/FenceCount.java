package dev.cairn.bench.run;

/**
 * What an operation of Cairn asks of the medium, on average.
 *
 * @param operation which
 * @param fences for each operation
 * @param lines of 64 bytes that are flushed, for each operation
 */
public record FenceCount(Operation operation, double fences, double lines) {}
