package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Codec;
import dev.cairn.bench.workload.Workload;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.KeyRange;
import org.lmdbjava.Txn;

/**
 * LMDB by lmdbjava, with its defaults: each commit syncs. Writers go one at a time, which LMDB
 * itself sees to. Reads use one transaction for each thread, renewed by each read, as the makers
 * advise.
 */
final class LmdbStore<K, V> implements Store<K, V> {
  private static final long SMALLEST_MAP = 256L << 20;
  private static final long MOST_BYTES_OF_ENTRY = 2048;
  private static final int BUFFER = 512;

  /** What a thread keeps. */
  private record Reader(Txn<ByteBuffer> transaction, ByteBuffer key, ByteBuffer value) {}

  private final Env<ByteBuffer> environment;
  private final Dbi<ByteBuffer> database;
  private final Workload<K, V> workload;
  private final Queue<Reader> readers = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Reader> reader = ThreadLocal.withInitial(this::newReader);

  private LmdbStore(Path directory, Workload<K, V> workload, long entries) {
    this.workload = workload;
    this.environment =
        Env.create()
            .setMapSize(SMALLEST_MAP + entries * MOST_BYTES_OF_ENTRY)
            .setMaxDbs(1)
            .open(directory.toFile(), 0600);
    this.database = environment.openDbi("entries", DbiFlags.MDB_CREATE);
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    return new LmdbStore<>(directory, workload, entries);
  }

  private Reader newReader() {
    Txn<ByteBuffer> transaction = environment.txnRead();
    transaction.reset();
    Reader created =
        new Reader(
            transaction, ByteBuffer.allocateDirect(BUFFER), ByteBuffer.allocateDirect(BUFFER));
    readers.add(created);
    return created;
  }

  private static <T> ByteBuffer encoded(Codec<T> codec, T value, ByteBuffer buffer) {
    return buffer.clear().put(codec.encode(value)).flip();
  }

  private static <T> T decoded(Codec<T> codec, ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return codec.decode(bytes);
  }

  @Override
  public void put(K key, V value) {
    try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
      put(transaction, key, value);
      transaction.commit();
    }
  }

  private void put(Txn<ByteBuffer> transaction, K key, V value) {
    Reader mine = reader.get();
    database.put(
        transaction,
        encoded(workload.keys(), key, mine.key()),
        encoded(workload.values(), value, mine.value()));
  }

  @Override
  public @Nullable V get(K key) {
    Reader mine = reader.get();
    mine.transaction().renew();
    try {
      return get(mine.transaction(), key);
    } finally {
      mine.transaction().reset();
    }
  }

  private @Nullable V get(Txn<ByteBuffer> transaction, K key) {
    ByteBuffer value = database.get(transaction, encoded(workload.keys(), key, reader.get().key()));
    return value == null ? null : decoded(workload.values(), value);
  }

  @Override
  public void remove(K key) {
    try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
      database.delete(transaction, encoded(workload.keys(), key, reader.get().key()));
      transaction.commit();
    }
  }

  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    Reader mine = reader.get();
    Txn<ByteBuffer> transaction = mine.transaction();
    transaction.renew();
    KeyRange<ByteBuffer> range =
        from == null
            ? KeyRange.all()
            : KeyRange.atLeast(encoded(workload.keys(), from, mine.key()));
    try (var entries = database.iterate(transaction, range)) {
      for (var entry : entries) {
        K key = decoded(workload.keys(), entry.key());
        if (!visitor.visit(key, decoded(workload.values(), entry.val()))) {
          return;
        }
      }
    } finally {
      transaction.reset();
    }
  }

  @Override
  public void transfer(K source, K target, long amount) {
    try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
      V from = Objects.requireNonNull(get(transaction, source));
      V to = Objects.requireNonNull(get(transaction, target));
      put(transaction, source, Transfers.changed(workload, from, -amount));
      put(transaction, target, Transfers.changed(workload, to, amount));
      transaction.commit();
    }
  }

  @Override
  public void putAll(Iterable<? extends Map.Entry<K, V>> entries) {
    try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
      for (Map.Entry<K, V> entry : entries) {
        put(transaction, entry.getKey(), entry.getValue());
      }
      transaction.commit();
    }
  }

  @Override
  public void close() {
    readers.forEach(open -> open.transaction().close());
    environment.close();
  }
}
