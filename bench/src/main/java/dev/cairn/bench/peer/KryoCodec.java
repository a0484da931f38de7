package dev.cairn.bench.peer;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.RecordSerializer;
import dev.cairn.bench.workload.Account;
import dev.cairn.bench.workload.Workload;

/**
 * Keys and values in Kryo's encoding, with the classes known beforehand, so that their names are
 * not written. A Kryo serves one thread at a time, so each thread gets its own.
 */
final class KryoCodec<K, V> {
  private final Class<K> keyClass;
  private final Class<V> valueClass;
  private final ThreadLocal<Kryo> kryos = ThreadLocal.withInitial(KryoCodec::create);

  KryoCodec(Workload<K, V> workload) {
    keyClass = workload.keyClass();
    valueClass = workload.valueClass();
  }

  private static Kryo create() {
    Kryo kryo = new Kryo();
    kryo.setReferences(false);
    kryo.register(byte[].class);
    kryo.register(Account.class, new RecordSerializer<>(Account.class));
    return kryo;
  }

  void writeKey(Output output, K key) {
    kryos.get().writeObject(output, key);
  }

  void writeValue(Output output, V value) {
    kryos.get().writeObject(output, value);
  }

  K readKey(Input input) {
    return kryos.get().readObject(input, keyClass);
  }

  V readValue(Input input) {
    return kryos.get().readObject(input, valueClass);
  }
}
