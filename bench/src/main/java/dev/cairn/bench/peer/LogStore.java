package dev.cairn.bench.peer;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.cairn.bench.workload.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What many write by hand: all entries in DRAM, and a log of changes, each a record of Kryo's with
 * its length and checksum, appended and forced before the change returns. To open is to read the
 * whole log. A real one would also have to be compacted now and then, which this one is spared.
 */
final class LogStore<K, V> implements Store<K, V> {
  private static final int HEADER = 2 * Integer.BYTES;
  private static final int BATCH = 1 << 20;

  private final ConcurrentMap<K, V> entries = new ConcurrentHashMap<>();
  private final Workload<K, V> workload;
  private final FileChannel file;
  private final KryoCodec<K, V> codec;

  /** The record under way. Guarded by this. */
  private final Output record = new Output(1 << 12, -1);

  private LogStore(Workload<K, V> workload, FileChannel file) {
    this.workload = workload;
    this.file = file;
    this.codec = new KryoCodec<>(workload);
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries)
      throws IOException {
    Path path = directory.resolve("bench.log");
    byte[] old = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    LogStore<K, V> store = new LogStore<>(workload, file);
    int end = store.replay(old);
    file.truncate(end).position(end);
    return store;
  }

  /** Reads records until one is cut short; returns where the last whole one ends. */
  private int replay(byte[] log) {
    ByteBuffer headers = ByteBuffer.wrap(log);
    Input input = new Input(log);
    int at = 0;
    while (log.length - at >= HEADER) {
      int length = headers.getInt(at);
      int end = at + HEADER + length;
      if (length <= 0
          || end > log.length
          || headers.getInt(at + Integer.BYTES) != checksum(log, at + HEADER, length)) {
        break;
      }
      input.setPosition(at + HEADER);
      for (int changes = input.readByte(); changes > 0; changes--) {
        K key = codec.readKey(input);
        if (input.readBoolean()) {
          entries.put(key, codec.readValue(input));
        } else {
          entries.remove(key);
        }
      }
      at = end;
    }
    return at;
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, from, length);
    return (int) checksum.getValue();
  }

  @Override
  public synchronized void put(K key, V value) {
    int start = begin(1);
    change(key, value);
    append(start);
    force();
    entries.put(key, value);
  }

  @Override
  public @Nullable V get(K key) {
    return entries.get(key);
  }

  @Override
  public synchronized void remove(K key) {
    int start = begin(1);
    change(key, null);
    append(start);
    force();
    entries.remove(key);
  }

  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    visitor.visitAll(entries.entrySet());
  }

  @Override
  public synchronized void transfer(K source, K target, long amount) {
    V from = Transfers.changed(workload, Objects.requireNonNull(entries.get(source)), -amount);
    V to = Transfers.changed(workload, Objects.requireNonNull(entries.get(target)), amount);
    int start = begin(2);
    change(source, from);
    change(target, to);
    append(start);
    force();
    entries.put(source, from);
    entries.put(target, to);
  }

  @Override
  public synchronized void putAll(Iterable<? extends Map.Entry<K, V>> added) {
    for (Map.Entry<K, V> entry : added) {
      int start = begin(1);
      change(entry.getKey(), entry.getValue());
      finish(start);
      if (record.position() > BATCH) {
        write();
      }
      entries.put(entry.getKey(), entry.getValue());
    }
    write();
    force();
  }

  private int begin(int changes) {
    int start = record.position();
    record.writeLong(0); // room for the header
    record.writeByte(changes);
    return start;
  }

  private void change(K key, @Nullable V value) {
    codec.writeKey(record, key);
    record.writeBoolean(value != null);
    if (value != null) {
      codec.writeValue(record, value);
    }
  }

  private void append(int start) {
    finish(start);
    write();
  }

  private void finish(int start) {
    int length = record.position() - start - HEADER;
    ByteBuffer.wrap(record.getBuffer(), start, HEADER)
        .putInt(length)
        .putInt(checksum(record.getBuffer(), start + HEADER, length));
  }

  private void write() {
    ByteBuffer bytes = ByteBuffer.wrap(record.getBuffer(), 0, record.position());
    try {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    record.setPosition(0);
  }

  private void force() {
    try {
      file.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
