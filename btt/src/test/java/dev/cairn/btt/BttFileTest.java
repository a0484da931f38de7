package dev.cairn.btt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapInUseException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.spi.HeapFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables in files: what is opened, and what is refused and left as it was. */
class BttFileTest {
  private static final long SIZE = 17L << 20;
  private static final int BLOCK_SIZE = 4096;

  @TempDir Path folder;

  private static byte[] block(int value) {
    byte[] block = new byte[BLOCK_SIZE];
    Arrays.fill(block, (byte) value);
    return block;
  }

  private Path zeros(long size) throws IOException {
    Path file = folder.resolve("zeros");
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(size);
    }
    return file;
  }

  private static void put(Path file, long offset, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), offset);
    }
  }

  private static String digest(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  @ParameterizedTest
  @EnumSource(names = {"START", "AFTER_FIRST_PAGE"})
  void whatWasCreatedIsFoundAgain(BttPlacement placement) throws Exception {
    Path file = folder.resolve("table");
    BttOptions options = BttOptions.of(placement, BLOCK_SIZE);
    try (BttStore store = BttStore.create(file, SIZE, options)) {
      store.write(7, block(7));
    }
    assertEquals(SIZE, Files.size(file));
    try (BttStore store = BttStore.open(file)) {
      assertEquals(placement, store.placement());
      assertArrayEquals(block(7), SmallTable.read(store, 7));
    }
    assertThrows(FileAlreadyExistsException.class, () -> BttStore.create(file, SIZE, options));
    try (BttStore store = BttStore.open(file)) {
      assertArrayEquals(block(7), SmallTable.read(store, 7));
    }
  }

  @Test
  void theMarkOfAnUnfinishedCreationIsGoneDurably() {
    SimulatedMedium medium = SimulatedMedium.create(4096, 4096);
    medium.putLong(0, -1);
    medium.flush(0, Long.BYTES);
    medium.fence();
    BttFile.removeMark(medium);
    try (SimulatedMedium crashed = SimulatedMedium.of(medium.durableImage())) {
      assertEquals(0, crashed.getLong(0));
    }
  }

  @Test
  void anImageOfANamespaceIsFormattedAndOpened() throws Exception {
    Path file = zeros(SIZE);
    BttOptions options = BttOptions.of(BttPlacement.AFTER_FIRST_PAGE, 512);
    BttStore.format(file, options).close();
    try (BttStore store = BttStore.open(file)) {
      assertEquals(512, store.blockSize());
      store.write(1, new byte[512]);
    }
    // Over a table that is there, too.
    BttStore.format(file, BttOptions.of(BttPlacement.START, BLOCK_SIZE)).close();
    try (BttStore store = BttStore.open(file)) {
      assertEquals(BttPlacement.START, store.placement());
    }
  }

  @Test
  void anUnfinishedCreationIsNotOpenedButTakenOver() throws Exception {
    Path file = folder.resolve("table");
    BttOptions options = BttOptions.of(BttPlacement.AFTER_FIRST_PAGE, BLOCK_SIZE);
    BttStore.create(file, SIZE, options).close();
    // What a crash leaves just before the end: all of the table, and the mark before it.
    put(file, 0, HexFormat.of().parseHex("bcbeb6adb1e5f2f5"));
    assertThrows(HeapFormatException.class, () -> BttStore.open(file));
    assertThrows(HeapFormatException.class, () -> BttStore.format(file, options));
    try (BttStore store = BttStore.create(file, SIZE, options)) {
      assertArrayEquals(block(0), SmallTable.read(store, 0));
    }
    BttStore.open(file).close();
  }

  @Test
  void aCreationThatIsRefusedLeavesNoFile() {
    Path file = folder.resolve("table");
    BttOptions options = BttOptions.of(BttPlacement.START, BLOCK_SIZE);
    assertThrows(IllegalArgumentException.class, () -> BttStore.create(file, 1 << 20, options));
    assertFalse(Files.exists(file));
    assertThrows(
        IllegalArgumentException.class,
        () -> BttStore.create(file, SIZE, BttOptions.of(BttPlacement.POOL, BLOCK_SIZE)));
    assertFalse(Files.exists(file));
  }

  @Test
  void whatIsNoTableIsRefusedAndLeftAlone() throws Exception {
    Path zeros = zeros(SIZE);
    assertRefused(zeros, "no table");
    put(zeros, 4096 + 70, new byte[] {1});
    assertRefused(zeros, "no table");
    assertNotFormatted(zeros);
    Path heap = folder.resolve("heap");
    HeapFile.create(heap, HeapOptions.defaults().withInitialSize(SIZE)).close();
    assertRefused(heap, "no table");
    assertNotFormatted(heap);
    Path small = zeros(SIZE / 2);
    assertRefused(small, "too small for a table");
    assertNotFormatted(small);
    Path empty = Files.createFile(folder.resolve("empty"));
    assertRefused(empty, "empty");
  }

  private static void assertRefused(Path file, String why) throws Exception {
    String before = digest(file);
    HeapFormatException refusal =
        assertThrows(HeapFormatException.class, () -> BttStore.open(file));
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.contains(why) && message.contains(file.toString()), message);
    assertEquals(before, digest(file));
  }

  private static void assertNotFormatted(Path file) throws Exception {
    String before = digest(file);
    assertThrows(
        HeapFormatException.class,
        () -> BttStore.format(file, BttOptions.of(BttPlacement.START, BLOCK_SIZE)));
    assertEquals(before, digest(file));
  }

  @Test
  void oneFileOfAPoolOfSeveralIsRefused() throws Exception {
    Path pool = zeros(SIZE);
    put(pool, 0, HexFormat.of().parseHex("504d454d424c4b00"));
    assertRefusedPool(pool, "no table at offset 0x2000");
    put(pool, 72, new byte[] {1});
    assertRefusedPool(pool, "one file of a pool of several");
  }

  private static void assertRefusedPool(Path file, String why) {
    String message =
        String.valueOf(
            assertThrows(HeapFormatException.class, () -> BttStore.open(file)).getMessage());
    assertTrue(message.contains(why), message);
  }

  @Test
  void whatIsNoFileIsRefused() {
    assertThrows(NoSuchFileException.class, () -> BttStore.open(folder.resolve("none")));
    assertThrows(FileSystemException.class, () -> BttStore.open(folder));
    FileSystemException device =
        assertThrows(FileSystemException.class, () -> BttStore.open(Path.of("/dev/null")));
    assertTrue(String.valueOf(device.getReason()).contains("device"), device::toString);
  }

  @Test
  void aFileThatMayNotBeWrittenIsRefused() {
    // Nobody may write this one, not even root.
    Path file = Path.of("/sys/kernel/uevent_seqnum");
    assumeTrue(Files.exists(file), "skipped: there is no " + file);
    assertThrows(AccessDeniedException.class, () -> BttStore.open(file));
  }

  @Test
  void aFileThatIsOpenIsRefused() throws Exception {
    Path file = folder.resolve("table");
    BttOptions options = BttOptions.of(BttPlacement.START, BLOCK_SIZE);
    try (BttStore store = BttStore.create(file, SIZE, options)) {
      assertThrows(HeapInUseException.class, () -> BttStore.open(file));
      assertThrows(HeapInUseException.class, () -> BttStore.format(file, options));
      store.write(1, block(1));
    }
    BttStore.open(file).close();
  }

  /** The lock that libpmemblk takes is not the one that Java knows. */
  @Test
  void aFileThatAProgramOfPmdkWouldHoldIsRefused() throws Exception {
    Path file = folder.resolve("table");
    BttStore.create(file, SIZE, BttOptions.of(BttPlacement.START, BLOCK_SIZE)).close();
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/flock")), "skipped: there is no /usr/bin/flock");
    Process holder =
        new ProcessBuilder("/usr/bin/flock", "-x", file.toString(), "sh", "-c", "echo; cat")
            .start();
    try {
      assertEquals('\n', holder.getInputStream().read());
      assertThrows(HeapInUseException.class, () -> BttStore.open(file));
    } finally {
      holder.getOutputStream().close();
      assertTrue(holder.waitFor(60, TimeUnit.SECONDS));
    }
    BttStore.open(file).close();
  }

  @Test
  void aBlockDeviceIsOpenedAsAFileIs() throws Exception {
    Path file = folder.resolve("image");
    BttStore.create(file, SIZE, BttOptions.of(BttPlacement.AFTER_FIRST_PAGE, BLOCK_SIZE)).close();
    String device = loopDevice(file);
    try (BttStore store = BttStore.open(Path.of(device))) {
      store.write(3, block(3));
      assertThrows(HeapInUseException.class, () -> BttStore.open(Path.of(device)));
    } finally {
      run("losetup", "-d", device);
    }
    try (BttStore store = BttStore.open(file)) {
      assertArrayEquals(block(3), SmallTable.read(store, 3));
    }
  }

  private static String loopDevice(Path file) throws Exception {
    String said = run("losetup", "-f", "--show", file.toString());
    assumeTrue(said.startsWith("/dev/loop"), () -> "skipped: no loop device: " + said);
    return said.strip();
  }

  private static String run(String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
