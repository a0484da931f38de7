package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB with its defaults, and a write-ahead log that is synced by each write. A transfer is one
 * batch; a lock keeps other transfers out between its reads and its writes.
 */
final class RocksDbStore<K, V> implements Store<K, V> {
  private static final int BATCH = 10_000;

  static {
    RocksDB.loadLibrary();
  }

  private final Options options = new Options().setCreateIfMissing(true);
  private final WriteOptions durable = new WriteOptions().setSync(true);
  private final Workload<K, V> workload;
  private final RocksDB db;

  private RocksDbStore(Path directory, Workload<K, V> workload) {
    this.workload = workload;
    this.db = call(() -> RocksDB.open(options, directory.toString()));
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    return new RocksDbStore<>(directory, workload);
  }

  private interface Call<T extends @Nullable Object> {
    T run() throws RocksDBException;
  }

  private interface Change {
    void run() throws RocksDBException;
  }

  private static <T extends @Nullable Object> T call(Call<T> call) {
    try {
      return call.run();
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void change(Change change) {
    try {
      change.run();
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void put(K key, V value) {
    change(() -> db.put(durable, workload.keys().encode(key), workload.values().encode(value)));
  }

  @Override
  public @Nullable V get(K key) {
    byte @Nullable [] value = call(() -> db.get(workload.keys().encode(key)));
    return value == null ? null : workload.values().decode(value);
  }

  @Override
  public void remove(K key) {
    change(() -> db.delete(durable, workload.keys().encode(key)));
  }

  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    try (RocksIterator entries = db.newIterator()) {
      if (from == null) {
        entries.seekToFirst();
      } else {
        entries.seek(workload.keys().encode(from));
      }
      for (; entries.isValid(); entries.next()) {
        K key = workload.keys().decode(entries.key());
        if (!visitor.visit(key, workload.values().decode(entries.value()))) {
          return;
        }
      }
    }
  }

  @Override
  public synchronized void transfer(K source, K target, long amount) {
    V from = Transfers.changed(workload, Objects.requireNonNull(get(source)), -amount);
    V to = Transfers.changed(workload, Objects.requireNonNull(get(target)), amount);
    try (WriteBatch batch = new WriteBatch()) {
      change(
          () -> {
            batch.put(workload.keys().encode(source), workload.values().encode(from));
            batch.put(workload.keys().encode(target), workload.values().encode(to));
            db.write(durable, batch);
          });
    }
  }

  @Override
  public void putAll(Iterable<? extends Map.Entry<K, V>> entries) {
    try (WriteBatch batch = new WriteBatch();
        WriteOptions fast = new WriteOptions();
        FlushOptions flush = new FlushOptions()) {
      change(
          () -> {
            for (Map.Entry<K, V> entry : entries) {
              batch.put(
                  workload.keys().encode(entry.getKey()),
                  workload.values().encode(entry.getValue()));
              if (batch.count() == BATCH) {
                db.write(fast, batch);
                batch.clear();
              }
            }
            db.write(fast, batch);
            db.flush(flush);
          });
    }
  }

  @Override
  public void close() {
    db.close();
    durable.close();
    options.close();
  }
}
