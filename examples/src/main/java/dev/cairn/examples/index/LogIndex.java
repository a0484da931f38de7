package dev.cairn.examples.index;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The same index through file I/O, as it is done without a persistent heap: plain maps answer, and
 * a log file makes them durable. Each file's words are encoded by Kryo, appended to the log with
 * one {@link FileChannel#write}, and forced to the medium if so wanted. Opening reads the whole log
 * back into maps.
 *
 * <pre>
 *   record: length (4 bytes), CRC-32C of what follows (4), the encoded {@link Entry} (length)
 * </pre>
 *
 * A record that is cut short, or whose checksum is wrong, was being written when the process died:
 * the log ends before it.
 */
final class LogIndex implements Index {
  private static final int FRAME_BYTES = 2 * Integer.BYTES;

  /** What the log says of a file. */
  record Entry(String file, WordCounts words) {}

  private final FileChannel log;
  private final boolean sync;
  private final MemoryIndex index = new MemoryIndex();
  private final Kryo kryo = new Kryo();
  private final Output output = new Output(1 << 16, -1);
  private boolean undone;

  private LogIndex(FileChannel log, boolean sync) {
    this.log = log;
    this.sync = sync;
    kryo.register(Entry.class);
    kryo.register(WordCounts.class);
    kryo.register(HashMap.class);
  }

  /**
   * Opens a log, or begins one.
   *
   * @param sync whether to force each record
   */
  static LogIndex open(Path path, boolean sync) throws IOException {
    FileChannel log =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    LogIndex index = new LogIndex(log, sync);
    index.recover();
    return index;
  }

  private void recover() throws IOException {
    long end = 0;
    // Not closed: that would close the log.
    InputStream in = new BufferedInputStream(Channels.newInputStream(log), 1 << 16);
    DataInputStream data = new DataInputStream(in);
    long size = log.size();
    while (size - end >= FRAME_BYTES) {
      int length = data.readInt();
      int checksum = data.readInt();
      if (length < 0 || length > size - end - FRAME_BYTES) {
        break;
      }
      byte[] encoded = data.readNBytes(length);
      if (checksum(encoded, 0, length) != checksum) {
        break;
      }
      Entry entry = kryo.readObject(new Input(encoded), Entry.class);
      index.add(entry.file, entry.words);
      end += FRAME_BYTES + length;
    }
    undone = end < size;
    log.truncate(end);
    log.position(end);
  }

  @Override
  public void add(String file, WordCounts counts) throws IOException {
    output.setPosition(FRAME_BYTES);
    kryo.writeObject(output, new Entry(file, counts));
    int length = output.position() - FRAME_BYTES;
    ByteBuffer buffer = ByteBuffer.wrap(output.getBuffer(), 0, FRAME_BYTES + length);
    buffer.putInt(0, length).putInt(4, checksum(output.getBuffer(), FRAME_BYTES, length));
    while (buffer.hasRemaining()) {
      log.write(buffer);
    }
    if (sync) {
      log.force(false);
    }
    index.add(file, counts);
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  @Override
  public boolean contains(String file) {
    return index.contains(file);
  }

  @Override
  public int fileCount() {
    return index.fileCount();
  }

  @Override
  public int wordCount() {
    return index.wordCount();
  }

  @Override
  public @Nullable FileTotals file(String file) {
    return index.file(file);
  }

  @Override
  public Set<String> words() {
    return index.words();
  }

  @Override
  public long total(String word) {
    return index.total(word);
  }

  @Override
  public Map<String, Integer> postings(String word) {
    return index.postings(word);
  }

  @Override
  public void verify() {
    // Opening has checked every record.
  }

  @Override
  public boolean hasUndone() {
    return undone;
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
