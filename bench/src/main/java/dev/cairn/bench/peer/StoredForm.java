package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Codec;
import dev.cairn.bench.workload.Workload;
import java.util.function.Function;

/**
 * The form in which a peer that has serializers of its own for the usual classes stores keys or
 * values: as they are, or as bytes if it does not know their class.
 *
 * @param type what is stored: Long, String or byte[]
 * @param store makes it
 * @param load makes the key or value of it
 */
record StoredForm<T>(Class<?> type, Function<T, Object> store, Function<Object, T> load) {
  static <K> StoredForm<K> ofKeys(Workload<K, ?> workload) {
    return of(workload.keyClass(), workload.keys());
  }

  static <V> StoredForm<V> ofValues(Workload<?, V> workload) {
    return of(workload.valueClass(), workload.values());
  }

  private static <T> StoredForm<T> of(Class<T> type, Codec<T> codec) {
    if (type == Long.class || type == String.class || type == byte[].class) {
      return new StoredForm<>(type, value -> value, type::cast);
    }
    return new StoredForm<>(byte[].class, codec::encode, bytes -> codec.decode((byte[]) bytes));
  }
}
