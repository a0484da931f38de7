package dev.cairn.btt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MediumAccessor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pool files that go back and forth between this module and PMDK's pmempool. */
class PmempoolTest {
  private static final int BLOCK_SIZE = 4096;

  @TempDir Path folder;

  /** A mapped file, which the other program sees through the page cache. */
  private record FileMedium(Arena arena, MemorySegment segment) implements Medium {
    static FileMedium of(Path file) throws IOException {
      Arena arena = Arena.ofShared();
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        return new FileMedium(
            arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena));
      }
    }

    @Override
    public void flush(long offset, long length) {}

    @Override
    public void fence() {}

    @Override
    public long size() {
      return segment.byteSize();
    }

    @Override
    public long maximumSize() {
      return segment.byteSize();
    }

    @Override
    public void grow(long newSize) throws IOException {
      throw new IOException("a pool does not grow");
    }

    @Override
    public Durability durability() {
      return new Durability(Durability.Level.PROCESS_CRASH, "the page cache");
    }

    @Override
    public String name() {
      return "mapped file";
    }

    @Override
    public void close() {
      if (arena.scope().isAlive()) {
        arena.close();
      }
    }
  }

  @BeforeAll
  static void findProgram() {
    boolean isThere =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "pmempool")));
    assumeTrue(isThere, "skipped: there is no pmempool (Debian: pmdk-tools)");
  }

  private Path pool(String... options) throws Exception {
    Path file = folder.resolve("pool.blk");
    run(
        Stream.of(
                Stream.of("create", "blk"),
                Stream.of(options),
                Stream.of("-s", "64M", "" + BLOCK_SIZE, file.toString()))
            .flatMap(words -> words)
            .toList());
    return file;
  }

  private static byte[] run(List<String> arguments) throws Exception {
    Path output = Files.createTempFile("pmempool", ".out");
    try {
      Process process =
          new ProcessBuilder(Stream.concat(Stream.of("pmempool"), arguments.stream()).toList())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      int status = process.waitFor();
      byte[] said = Files.readAllBytes(output);
      assertEquals(0, status, () -> arguments + ": " + new String(said, StandardCharsets.UTF_8));
      return said;
    } finally {
      Files.delete(output);
    }
  }

  private static void assertConsistent(Path pool) throws Exception {
    String said = new String(run(List.of("check", "-v", pool.toString())), StandardCharsets.UTF_8);
    assertFalse(said.contains("not consistent"), said);
  }

  private byte[] dump(Path pool, int block) throws Exception {
    Path target = folder.resolve("block");
    run(List.of("dump", "-b", "-o", target.toString(), "-r", "" + block, pool.toString()));
    return Files.readAllBytes(target);
  }

  private static byte[] block(int value) {
    byte[] block = new byte[BLOCK_SIZE];
    Arrays.fill(block, (byte) value);
    return block;
  }

  @Test
  void aPoolOfTheirsIsWrittenAndStaysConsistent() throws Exception {
    Path pool = pool("-w");
    try (BttStore store = BttStore.open(FileMedium.of(pool))) {
      assertEquals(BttPlacement.POOL, store.placement());
      assertEquals(16_103, store.blockCount());
      assertFalse(store.isReadOnly(), () -> store.damage().toString());
      for (int i = 0; i < 600; i++) {
        store.write(i % 300, block(i));
      }
      store.setZero(4);
      store.write(5, block(55));
    }
    assertConsistent(pool);
    assertArrayEquals(block(7 + 300), dump(pool, 7));
    assertArrayEquals(block(55), dump(pool, 5));
  }

  @Test
  void aTableOfOursIsConsistentAndReadByThem() throws Exception {
    Path pool = pool();
    try (FileMedium medium = FileMedium.of(pool)) {
      assertThrows(HeapFormatException.class, () -> BttStore.open(medium));
    }
    BttOptions options = BttOptions.of(BttPlacement.POOL, BLOCK_SIZE);
    try (BttStore store = BttStore.format(FileMedium.of(pool), options)) {
      store.write(16_102, block(9));
    }
    assertConsistent(pool);
    assertArrayEquals(block(9), dump(pool, 16_102));
  }

  @Test
  void whatRecoveryLeavesIsConsistent() throws Exception {
    Path pool = pool("-w");
    try (BttStore store = BttStore.open(FileMedium.of(pool))) {
      store.write(7, block(1));
    }
    try (FileMedium medium = FileMedium.of(pool)) {
      MediumAccessor bytes = MediumAccessor.forProtocol(medium);
      // Half a first note on a lane that never wrote, and a write that never reached the map.
      bytes.putWord(8192 + 0x3ff9000 + 64 + 16, FlogLayout.word(9, 9));
      bytes.putInt(8192 + 0x3fe9000 + 7 * 4, 0);
    }
    try (BttStore store = BttStore.open(FileMedium.of(pool))) {
      assertFalse(store.isReadOnly(), () -> store.damage().toString());
    }
    assertConsistent(pool);
    assertArrayEquals(block(1), dump(pool, 7));
  }
}
