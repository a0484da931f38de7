package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapInUseException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.MediumKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeapFileTest {
  private static final long SIZE = 2L << 20;
  private static final HeapOptions OPTIONS =
      HeapOptions.defaults().withInitialSize(SIZE).withMaximumSize(64L << 20);

  private Path shared;
  private Path path;

  @TempDir Path onDisk;

  @BeforeEach
  void createDirectory() throws IOException {
    shared = SharedMemory.createDirectory();
    path = shared.resolve("a.heap");
  }

  @AfterEach
  void deleteDirectory() throws IOException {
    SharedMemory.delete(shared);
  }

  @Test
  void keepsWhatWasPersisted() throws IOException {
    for (Path each : new Path[] {path, onDisk.resolve("a.heap")}) {
      UUID uuid;
      try (HeapFile heap = HeapFile.create(each, OPTIONS)) {
        uuid = heap.uuid();
        heap.markInUse();
        heap.accessor().putWord(HeapLayout.ROOT_OFFSET, 42);
        heap.accessor().persist(HeapLayout.ROOT_OFFSET, 8);
        heap.grow(2 * SIZE);
        heap.accessor().putWord(2 * SIZE - 8, 43);
        heap.accessor().persist(2 * SIZE - 8, 8);
      }
      try (HeapFile heap = HeapFile.open(each, OPTIONS)) {
        assertEquals(uuid, heap.uuid());
        assertEquals(each.toString(), heap.name());
        assertEquals(2 * SIZE, heap.size());
        assertEquals(64L << 20, heap.maximumSize());
        assertEquals(42, heap.accessor().getWord(HeapLayout.ROOT_OFFSET));
        assertEquals(43, heap.accessor().getWord(2 * SIZE - 8));
      }
    }
  }

  @Test
  void usesTheMediumThatADecoratorReturns() throws IOException {
    List<CountingMedium> made = new ArrayList<>();
    HeapOptions options =
        OPTIONS.withMediumDecorator(
            medium -> {
              made.add(new CountingMedium(medium));
              return made.getLast();
            });
    HeapFile.create(path, options).close();
    assertEquals(3, made.getLast().fences, "marker, slot 1 with the zeros, slot 0");
    try (HeapFile heap = HeapFile.open(path, options)) {
      assertEquals(0, made.getLast().fences);
      heap.accessor().persist(HeapLayout.ROOT_OFFSET, 8);
      assertEquals(1, made.getLast().fences);
      heap.grow(2 * SIZE);
      assertEquals(2 * SIZE, made.getLast().size());
    }
    assertEquals(2, made.size());
    assertFalse(made.getLast().segment().scope().isAlive());
  }

  @Test
  void leavesNothingOpenWhenADecoratorThrows() throws IOException {
    HeapOptions options =
        OPTIONS.withMediumDecorator(
            medium -> {
              throw new UnsupportedOperationException("no decoration today");
            });
    assertThrows(UnsupportedOperationException.class, () -> HeapFile.create(path, options));
    assertFalse(Files.exists(path));
    HeapFile.create(path, OPTIONS).close();
    assertThrows(UnsupportedOperationException.class, () -> HeapFile.open(path, options));
    HeapFile.open(path, OPTIONS).close(); // Not locked any more.
  }

  @Test
  void startsWithZeros() throws IOException {
    try (HeapFile heap = HeapFile.create(path, OPTIONS)) {
      for (long at = HeapLayout.ROOT_OFFSET; at < SIZE; at += 8) {
        assertEquals(0, heap.accessor().getWord(at));
      }
      assertEquals(SIZE, heap.size());
      assertEquals(SIZE, Files.size(path));
      assertSame(OPTIONS, heap.options());
      assertEquals(
          PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(path));
    }
  }

  @Test
  void roundsSizesUpToChunks() throws IOException {
    HeapOptions odd = OPTIONS.withInitialSize(SIZE + 1).withMaximumSize(2 * SIZE + 1);
    try (HeapFile heap = HeapFile.create(path, odd)) {
      assertEquals(SIZE + (256 << 10), heap.size());
      assertEquals(2 * SIZE + (256 << 10), heap.maximumSize());
    }
    assertThrows(
        IllegalArgumentException.class,
        () ->
            HeapFile.create(
                shared.resolve("b"), OPTIONS.withMaximumSize(SIZE).withInitialSize(2 * SIZE)));
    assertFalse(Files.exists(shared.resolve("b")));
  }

  @Test
  void knowsWhetherItWasClosed() throws IOException {
    HeapFile heap = HeapFile.create(path, OPTIONS);
    assertTrue(heap.wasClosedCleanly());
    heap.markInUse();
    byte[] inUse = Files.readAllBytes(path);
    heap.close();
    try (HeapFile again = HeapFile.open(path, OPTIONS)) {
      assertTrue(again.wasClosedCleanly());
    }
    Path copy = shared.resolve("copy.heap");
    Files.write(copy, inUse);
    try (HeapFile crashed = HeapFile.open(copy, OPTIONS)) {
      assertFalse(crashed.wasClosedCleanly());
    }
    // Nobody has recovered it so far: closing it must not pretend that.
    try (HeapFile crashed = HeapFile.open(copy, OPTIONS)) {
      assertFalse(crashed.wasClosedCleanly());
      crashed.markInUse();
    }
    try (HeapFile recovered = HeapFile.open(copy, OPTIONS)) {
      assertTrue(recovered.wasClosedCleanly());
    }
  }

  @Test
  void leavesOtherFilesAlone() throws IOException {
    Files.write(path, new byte[] {1, 2, 3});
    assertThrows(FileAlreadyExistsException.class, () -> HeapFile.create(path, OPTIONS));
    assertRefusedUntouched(HeapFormatException.class, "not a heap");
    Files.write(path, new byte[1 << 20]);
    assertRefusedUntouched(HeapFormatException.class, "not a heap");
    assertThrows(HeapFormatException.class, () -> HeapFile.openOrCreate(path, OPTIONS));
    assertEquals(1 << 20, Files.size(path));
  }

  @Test
  void leavesDamagedHeapsAlone() throws IOException {
    HeapFile.create(path, OPTIONS).close();
    byte[] good = Files.readAllBytes(path);

    Files.write(path, Arrays.copyOf(good, (int) SIZE - 1));
    assertRefusedUntouched(HeapCorruptedException.class, "truncated");
    Files.write(path, Arrays.copyOf(good, 128));
    assertRefusedUntouched(HeapCorruptedException.class, "truncated");
    Files.write(path, Arrays.copyOf(good, 100));
    assertRefusedUntouched(HeapCorruptedException.class, "checksum");
    Files.write(path, Arrays.copyOf(good, 7));
    assertRefusedUntouched(HeapFormatException.class, "not a heap");

    byte[] bad = good.clone();
    bad[60] ^= 1;
    bad[4096 + 61] ^= 1;
    Files.write(path, bad);
    assertRefusedUntouched(HeapCorruptedException.class, "checksum");

    byte[] later = good.clone();
    later[8] = 3;
    SuperblockTest.reseal(later, 0);
    System.arraycopy(later, 0, later, 4096, 128);
    Files.write(path, later);
    assertRefusedUntouched(HeapFormatException.class, "format version 3");
    assertThrows(FileAlreadyExistsException.class, () -> HeapFile.create(path, OPTIONS));
  }

  private void assertRefusedUntouched(Class<? extends Exception> type, String message)
      throws IOException {
    FileTime longAgo = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(path, longAgo);
    byte[] before = Files.readAllBytes(path);
    Exception e = assertThrows(type, () -> HeapFile.open(path, OPTIONS));
    assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("a.heap"), e.getMessage());
    assertArrayEquals(before, Files.readAllBytes(path));
    assertEquals(longAgo, Files.getLastModifiedTime(path));
  }

  @Test
  void repairsADamagedSlot() throws IOException {
    HeapFile.create(path, OPTIONS).close();
    byte[] good = Files.readAllBytes(path);
    for (int slot = 0; slot < 2; slot++) {
      byte[] bad = good.clone();
      Arrays.fill(bad, slot * 4096, (slot + 1) * 4096, (byte) 0x77);
      Files.write(path, bad);
      HeapFile.open(path, OPTIONS).close();
      assertArrayEquals(good, Files.readAllBytes(path));
    }
  }

  @Test
  void takesOverAnUnfinishedCreation() throws IOException {
    Files.createFile(path);
    assertRefusedUntouched(HeapFormatException.class, "never finished");
    HeapFile.create(path, OPTIONS).close();
    HeapFile.open(path, OPTIONS).close();

    byte[] unfinished = Files.readAllBytes(path);
    System.arraycopy(Superblock.creationMarker(), 0, unfinished, 0, 8);
    Arrays.fill(unfinished, 10_000, 20_000, (byte) 1);
    Files.write(path, unfinished);
    assertRefusedUntouched(HeapFormatException.class, "never finished");
    try (HeapFile heap = HeapFile.openOrCreate(path, OPTIONS)) {
      assertEquals(0, heap.accessor().getWord(10_000));
    }
    Files.write(path, Superblock.creationMarker());
    HeapFile.create(path, OPTIONS).close();
    HeapFile.openOrCreate(path, OPTIONS).close();
  }

  @Test
  void saysWhyAPathCannotBeUsed() throws IOException {
    Exception directory =
        assertThrows(FileSystemException.class, () -> HeapFile.open(shared, OPTIONS));
    assertTrue(String.valueOf(directory.getMessage()).contains("directory"));
    assertThrows(FileSystemException.class, () -> HeapFile.openOrCreate(shared, OPTIONS));
    Exception device =
        assertThrows(FileSystemException.class, () -> HeapFile.open(Path.of("/dev/null"), OPTIONS));
    assertTrue(String.valueOf(device.getMessage()).contains("not a regular file but a device"));
    assertThrows(NoSuchFileException.class, () -> HeapFile.open(path, OPTIONS));
    Path nowhere = shared.resolve("no/such/a.heap");
    assertThrows(NoSuchFileException.class, () -> HeapFile.create(nowhere, OPTIONS));
    assertThrows(NoSuchFileException.class, () -> HeapFile.open(nowhere, OPTIONS));
  }

  @Test
  void saysWhichMediumIsImpossible() throws IOException {
    Path file = onDisk.resolve("a.heap");
    assumeFalse(Files.getFileStore(onDisk).type().equals("tmpfs"), "needs a disk");
    HeapOptions memory = OPTIONS.withMedium(MediumKind.MEMORY);
    Exception e = assertThrows(IOException.class, () -> HeapFile.create(file, memory));
    assertTrue(String.valueOf(e.getMessage()).contains("tmpfs"));
    assertFalse(Files.exists(file));
    HeapOptions dax = OPTIONS.withMedium(MediumKind.DAX);
    e = assertThrows(IOException.class, () -> HeapFile.create(path, dax));
    assertTrue(String.valueOf(e.getMessage()).contains("MAP_SYNC"));
    assertFalse(Files.exists(path));
  }

  @Test
  void saysWhoMayOpenAFile() throws IOException {
    HeapFile.create(path, OPTIONS).close();
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r--r--"));
    assumeFalse(Files.isWritable(path), "this user may do anything");
    assertThrows(AccessDeniedException.class, () -> HeapFile.open(path, OPTIONS));
    assertThrows(AccessDeniedException.class, () -> HeapFile.openOrCreate(path, OPTIONS));
  }

  /** Folders on file systems that cannot hold the largest heap: few can. */
  private List<Path> limitedDirectories() throws IOException {
    List<Path> limited = new ArrayList<>();
    for (Path each : List.of(shared, onDisk)) {
      long space = Files.getFileStore(each).getTotalSpace();
      if (space > 0 && space < HeapOptions.LARGEST_SIZE) {
        limited.add(each);
      }
    }
    assumeFalse(limited.isEmpty(), "no file system here has a limit");
    return limited;
  }

  @Test
  void removesTheFileIfThereIsNoSpace() throws IOException {
    HeapOptions absurd = HeapOptions.defaults().withMaximumSize(1L << 46).withInitialSize(1L << 46);
    for (Path limited : limitedDirectories()) {
      Path each = limited.resolve("a.heap");
      Exception e = assertThrows(FileSystemException.class, () -> HeapFile.create(each, absurd));
      assertTrue(String.valueOf(e.getMessage()).contains("no space"), e.getMessage());
      assertFalse(Files.exists(each));
    }
  }

  @Test
  void goesOnIfItCannotGrow() throws IOException {
    HeapOptions vast = OPTIONS.withMaximumSize(1L << 46);
    for (Path limited : limitedDirectories()) {
      Path each = limited.resolve("a.heap");
      try (HeapFile heap = HeapFile.create(each, vast)) {
        heap.markInUse();
        Exception e = assertThrows(FileSystemException.class, () -> heap.grow(1L << 46));
        assertTrue(String.valueOf(e.getMessage()).contains("no space"), e.getMessage());
        assertEquals(SIZE, heap.size());
        assertEquals(SIZE, Files.size(each));
        heap.checkUsable();
        heap.grow(2 * SIZE);
        assertEquals(2 * SIZE, heap.accessor().size());
      }
      HeapFile.open(each, OPTIONS).close();
    }
  }

  @Test
  void refusesSizesThatAHeapCannotHave() throws IOException {
    try (HeapFile heap = HeapFile.create(path, OPTIONS)) {
      assertThrows(IllegalArgumentException.class, () -> heap.grow(SIZE + 1));
      assertThrows(IllegalArgumentException.class, () -> heap.grow(SIZE - (256 << 10)));
      assertThrows(IllegalArgumentException.class, () -> heap.grow(128L << 20));
      heap.grow(SIZE);
      assertEquals(SIZE, heap.size());
    }
    try (MemoryMedium small = MemoryMedium.anonymous(1 << 20, 1 << 20)) {
      assertThrows(IllegalArgumentException.class, () -> HeapFile.create(small, OPTIONS));
    }
  }

  @Test
  void growsByZerosEvenOverLeftovers() throws IOException {
    HeapFile.create(path, OPTIONS).close();
    byte[] longer = Arrays.copyOf(Files.readAllBytes(path), (int) SIZE + 1000);
    Arrays.fill(longer, (int) SIZE, longer.length, (byte) 9);
    Files.write(path, longer);
    try (HeapFile heap = HeapFile.open(path, OPTIONS)) {
      assertEquals(SIZE, heap.size());
      heap.grow(2 * SIZE);
      for (long at = SIZE; at < 2 * SIZE; at += 8) {
        assertEquals(0, heap.accessor().getWord(at));
      }
    }
  }

  @Test
  void fillsTheHolesOfASparseCopy() throws IOException {
    HeapFile.create(path, OPTIONS).close();
    Path copy = shared.resolve("sparse.heap");
    try (FileChannel source = FileChannel.open(path);
        FileChannel target =
            FileChannel.open(
                copy, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      source.transferTo(0, 8192, target);
      target.write(ByteBuffer.allocate(1), SIZE - 1);
    }
    try (HeapFile heap = HeapFile.open(copy, OPTIONS)) {
      assertEquals(SIZE, heap.size());
      try (LockedFile file = LockedFile.create(shared.resolve("probe"))) {
        assertTrue(file.status().allocated() < SIZE);
      }
    }
    try (LockedFile file = LockedFile.open(copy)) {
      assertTrue(file.status().allocated() >= SIZE);
    }
  }

  @Test
  void isOpenOnlyOnce() throws IOException {
    try (HeapFile heap = HeapFile.create(path, OPTIONS)) {
      Exception e = assertThrows(HeapInUseException.class, () -> HeapFile.open(path, OPTIONS));
      assertTrue(String.valueOf(e.getMessage()).contains("a.heap"));
      assertThrows(HeapInUseException.class, () -> HeapFile.openOrCreate(path, OPTIONS));
      assertThrows(FileAlreadyExistsException.class, () -> HeapFile.create(path, OPTIONS));
      heap.checkUsable();
      // Reading the file and closing it again does not drop the lock.
      assertTrue(Files.readAllBytes(path).length > 0);
      assertThrows(HeapInUseException.class, () -> HeapFile.open(path, OPTIONS));
    }
    HeapFile.open(path, OPTIONS).close();
  }

  @Test
  void respectsTheLocksOfOtherPrograms() throws IOException {
    HeapFile.create(path, OPTIONS).close();
    try (FileChannel channel =
            FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertTrue(lock.isValid());
      assertThrows(HeapInUseException.class, () -> HeapFile.open(path, OPTIONS));
    }
    HeapFile.open(path, OPTIONS).close();
  }

  @Test
  void refusesWorkAfterClose() throws IOException {
    HeapFile heap = HeapFile.create(path, OPTIONS);
    heap.close();
    heap.close();
    Exception e = assertThrows(IllegalStateException.class, heap::checkUsable);
    assertTrue(String.valueOf(e.getMessage()).contains("a.heap"));
    assertThrows(IllegalStateException.class, heap::markInUse);
    assertThrows(IllegalStateException.class, () -> heap.grow(2 * SIZE));
    assertThrows(IllegalStateException.class, () -> heap.accessor().getWord(0));
    assertThrows(IllegalStateException.class, () -> heap.accessor().putWord(8192, 1));
    assertThrows(IllegalStateException.class, () -> heap.accessor().flush(8192, 8));
  }

  @Test
  void refusesWorkAfterAFailureAndIsNotClosedCleanly() throws IOException {
    IOException first = new IOException("the first");
    HeapFile heap = HeapFile.create(path, OPTIONS);
    heap.markInUse();
    HeapFailedException thrown = heap.fail("write of a page", first);
    assertSame(first, thrown.getCause());
    assertTrue(String.valueOf(thrown.getMessage()).contains("write of a page"));
    assertNotEquals(thrown, heap.fail("again", new IOException("the second")));
    Exception e = assertThrows(HeapFailedException.class, heap::checkUsable);
    assertSame(thrown, e.getCause());
    assertThrows(HeapFailedException.class, () -> heap.grow(2 * SIZE));
    heap.close();
    assertThrows(IllegalStateException.class, heap::checkUsable);
    try (HeapFile again = HeapFile.open(path, OPTIONS)) {
      assertFalse(again.wasClosedCleanly());
    }
  }

  @Test
  void runsInAnonymousMemory() throws IOException {
    try (HeapFile heap = HeapFile.create(MemoryMedium.anonymous(SIZE, 1L << 40), OPTIONS)) {
      heap.markInUse();
      heap.grow(1L << 30);
      heap.accessor().putWord((1L << 30) - 8, 43);
      heap.accessor().persist((1L << 30) - 8, 8);
      assertEquals(1L << 40, heap.maximumSize());
      assertEquals(Durability.Level.NOTHING, heap.durability().survives());
    }
  }
}
