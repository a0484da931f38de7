package dev.cairn.bench.peer;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.cairn.bench.workload.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What many write by hand: a file of slots that are overwritten in place, one for each entry, in
 * Kryo's encoding, and an index in DRAM. A change is synced before it returns, but nothing makes it
 * atomic: a crash in between can leave half an entry. To open is to read all slots.
 */
final class SlotStore<K, V> implements Store<K, V> {
  private static final int SLOT = 128;
  private static final byte USED = 1;

  private final ConcurrentMap<K, Integer> index = new ConcurrentHashMap<>();
  private final Workload<K, V> workload;
  private final SlotFile file;
  private final KryoCodec<K, V> codec;
  private final int size;

  /** Offsets of slots that were freed. Guarded by this, as is the file but for its force. */
  private final ArrayDeque<Integer> free = new ArrayDeque<>();

  private int end;

  private SlotStore(Workload<K, V> workload, SlotFile file, int size) throws IOException {
    this.workload = workload;
    this.file = file;
    this.size = size;
    this.codec = new KryoCodec<>(workload);
    readAll();
  }

  static <K, V> Store<K, V> openRandomAccess(Path directory, Workload<K, V> workload, long entries)
      throws IOException {
    int size = Math.multiplyExact(Math.toIntExact(entries), SLOT);
    return new SlotStore<>(
        workload, SlotFile.randomAccess(directory.resolve("bench.slots"), size), size);
  }

  static <K, V> Store<K, V> openMapped(Path directory, Workload<K, V> workload, long entries)
      throws IOException {
    int size = Math.multiplyExact(Math.toIntExact(entries), SLOT);
    return new SlotStore<>(workload, SlotFile.mapped(directory.resolve("bench.slots"), size), size);
  }

  private void readAll() throws IOException {
    byte[] slot = new byte[SLOT];
    for (int offset = 0; offset < size; offset += SLOT) {
      file.read(offset, slot);
      if (slot[0] == USED) {
        index.put(codec.readKey(new Input(slot, 1, SLOT - 1)), offset);
        for (; end < offset; end += SLOT) {
          free.add(end);
        }
        end = offset + SLOT;
      }
    }
  }

  @Override
  public void put(K key, V value) {
    try {
      int offset = write(key, value);
      file.force(offset, SLOT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized int write(K key, V value) throws IOException {
    Output slot = new Output(SLOT);
    slot.writeByte(USED);
    codec.writeKey(slot, key);
    codec.writeValue(slot, value);
    Integer old = index.get(key);
    int offset = old == null ? allocate() : old;
    file.write(offset, slot.getBuffer());
    if (old == null) {
      index.put(key, offset);
    }
    return offset;
  }

  private int allocate() {
    Integer reused = free.poll();
    if (reused != null) {
      return reused;
    }
    if (end == size) {
      throw new IllegalStateException("all " + size / SLOT + " slots are used");
    }
    end += SLOT;
    return end - SLOT;
  }

  @Override
  public synchronized @Nullable V get(K key) {
    Integer offset = index.get(key);
    if (offset == null) {
      return null;
    }
    byte[] slot = new byte[SLOT];
    try {
      file.read(offset, slot);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Input input = new Input(slot, 1, SLOT - 1);
    codec.readKey(input);
    return codec.readValue(input);
  }

  @Override
  public void remove(K key) {
    try {
      file.force(clear(key), SLOT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized int clear(K key) throws IOException {
    Integer offset = index.remove(key);
    if (offset == null) {
      throw new IllegalArgumentException("no entry to remove");
    }
    file.write(offset, new byte[SLOT]);
    free.add(offset);
    return offset;
  }

  /** Reads in the order of the file, as one would. */
  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    byte[] slot = new byte[SLOT];
    try {
      for (int offset = 0; offset < size; offset += SLOT) {
        synchronized (this) {
          file.read(offset, slot);
        }
        if (slot[0] == USED) {
          Input input = new Input(slot, 1, SLOT - 1);
          if (!visitor.visit(codec.readKey(input), codec.readValue(input))) {
            return;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void transfer(K source, K target, long amount) {
    Transfers.getAndPut(this, workload, source, target, amount);
  }

  @Override
  public void putAll(Iterable<? extends Map.Entry<K, V>> entries) {
    try {
      for (Map.Entry<K, V> entry : entries) {
        write(entry.getKey(), entry.getValue());
      }
      file.force(0, size);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
