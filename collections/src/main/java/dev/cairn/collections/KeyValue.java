package dev.cairn.collections;

/** A decoded entry. */
record KeyValue<K, V>(K key, V value) {}
