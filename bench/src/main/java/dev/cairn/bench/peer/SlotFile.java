package dev.cairn.bench.peer;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Bytes of a file that are changed in place: the two ways that the JDK has always had. */
interface SlotFile extends AutoCloseable {
  void read(int offset, byte[] target) throws IOException;

  void write(int offset, byte[] source) throws IOException;

  /** Makes a range durable, and maybe more than that. */
  void force(int offset, int length) throws IOException;

  @Override
  void close() throws IOException;

  /** By calls of the system for each access. */
  static SlotFile randomAccess(Path path, int size) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    file.setLength(size);
    return new SlotFile() {
      @Override
      public void read(int offset, byte[] target) throws IOException {
        file.seek(offset);
        file.readFully(target);
      }

      @Override
      public void write(int offset, byte[] source) throws IOException {
        file.seek(offset);
        file.write(source);
      }

      @Override
      public void force(int offset, int length) throws IOException {
        file.getFD().sync();
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  /** By a mapping. */
  static SlotFile mapped(Path path, int size) throws IOException {
    MappedByteBuffer bytes;
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      bytes = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, size);
    }
    return new SlotFile() {
      @Override
      public void read(int offset, byte[] target) {
        bytes.get(offset, target);
      }

      @Override
      public void write(int offset, byte[] source) {
        bytes.put(offset, source);
      }

      @Override
      public void force(int offset, int length) {
        bytes.force(offset, length);
      }

      @Override
      public void close() {
        // The JDK unmaps when it collects the buffer.
      }
    };
  }
}
