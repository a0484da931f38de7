package dev.cairn.collections;

/**
 * A record of a {@link PersistentLog}.
 *
 * @param <E> its value
 * @param index its place: 0 for the first record that the log ever had, one more for each
 * @param value what was appended
 */
public record LogEntry<E>(long index, E value) {}
