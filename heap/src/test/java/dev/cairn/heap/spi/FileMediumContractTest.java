package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.heap.MediumKind;
import dev.cairn.heap.spi.CacheLineMedium.WriteBack;
import dev.cairn.heap.spi.MappedMedium.Mapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, kept by each medium that maps a file. */
class FileMediumContractTest {

  @Nested
  class Memory extends OnTmpfs {
    @Override
    Medium openMedium() throws IOException {
      return map(newFile(), HeapOptions.defaults());
    }

    @Test
    void isChosenOnTmpfs() throws IOException {
      try (Medium medium = map(newFile(), HeapOptions.defaults())) {
        assertInstanceOf(MemoryMedium.class, medium);
        assertEquals(Durability.Level.PROCESS_CRASH, medium.durability().survives());
      }
    }
  }

  @Nested
  class PageCacheOnTmpfs extends OnTmpfs {
    @Override
    Medium openMedium() throws IOException {
      return map(newFile(), HeapOptions.defaults().withMedium(MediumKind.PAGE_CACHE));
    }

    @Test
    void promisesNoMoreThanTmpfsKeeps() throws IOException {
      try (Medium medium = openMedium()) {
        assertEquals(Durability.Level.PROCESS_CRASH, medium.durability().survives());
      }
    }
  }

  /** Real DAX is a matter of hardware, or of a virtual machine; the rest of the medium is not. */
  @Nested
  class Dax extends OnTmpfs {
    @Override
    Medium openMedium() throws IOException {
      return dax(WriteBack.INSTRUCTIONS);
    }
  }

  @Nested
  class DaxWithDurableCaches extends OnTmpfs {
    @Override
    Medium openMedium() throws IOException {
      return dax(WriteBack.NONE);
    }

    @Test
    void saysSo() throws IOException {
      try (Medium medium = openMedium()) {
        assertEquals(Durability.Level.POWER_FAIL, medium.durability().survives());
        assertEquals(
            "persistent memory (DAX, mapped with MAP_SYNC): "
                + "the CPU's caches are durable too, so only the order of stores matters",
            medium.durability().reason());
      }
    }
  }

  /** As where there are no flush instructions, but for MAP_SYNC. */
  @Nested
  class DaxForced extends OnTmpfs {
    @Override
    Medium openMedium() throws IOException {
      return dax(WriteBack.FORCE);
    }
  }

  @Test
  void flushesAsTheDomainAsks() {
    assertEquals(WriteBack.NONE, DaxMedium.writeBackTo(PersistenceDomain.CPU_CACHE));
    assertEquals(
        FlushInstructions.areAvailable() ? WriteBack.INSTRUCTIONS : WriteBack.FORCE,
        DaxMedium.writeBackTo(PersistenceDomain.MEMORY_CONTROLLER));
  }

  @Test
  void leavesFlushingToTheJvmOnlyIfItCan() {
    assertTrue(DaxMedium.jvmCanForce("compiled mode, sharing"));
    assertTrue(DaxMedium.jvmCanForce("mixed mode, sharing"));
    assertFalse(DaxMedium.jvmCanForce("mixed mode, emulated-client, sharing"));
    assertFalse(DaxMedium.jvmCanForce("interpreted mode, sharing"));
    assertFalse(DaxMedium.jvmCanForce(""));
  }

  @Test
  void leavesAFileAsItWasThatTheJvmCannotMap() throws IOException {
    Path directory = SharedMemory.createDirectory();
    try (LockedFile file = LockedFile.create(directory.resolve("a.heap"));
        Arena arena = Arena.ofShared()) {
      assertThrows(IOException.class, () -> file.mapForced(1L << 36, arena));
      assertEquals(8, file.status().size());
    } finally {
      SharedMemory.delete(directory);
    }
  }

  @Nested
  class PageCacheSynced extends PageCache {
    @Override
    Durability.Level level() {
      return Durability.Level.OS_CRASH;
    }
  }

  @Nested
  class PageCacheNeverSynced extends PageCache {
    @Override
    Durability.Level level() {
      return Durability.Level.PROCESS_CRASH;
    }
  }

  abstract static class PageCache extends MediumContractTest {
    @TempDir Path directory;
    private int count;

    abstract Durability.Level level();

    @Override
    Medium openMedium() throws IOException {
      LockedFile file = LockedFile.create(directory.resolve(count++ + ".heap"));
      return map(
          file,
          HeapOptions.defaults().withMedium(MediumKind.PAGE_CACHE).withPageCacheLevel(level()));
    }
  }

  abstract static class OnTmpfs extends MediumContractTest {
    private Path directory;
    private int count;

    @BeforeEach
    @Override
    void open() throws IOException {
      directory = SharedMemory.createDirectory();
      super.open();
    }

    @AfterEach
    void delete() throws IOException {
      SharedMemory.delete(directory);
    }

    final LockedFile newFile() throws IOException {
      return LockedFile.create(directory.resolve(count++ + ".heap"));
    }

    final Medium dax(WriteBack writeBack) throws IOException {
      LockedFile file = newFile();
      file.allocate(8, SIZE);
      Arena arena = Arena.ofShared();
      MemorySegment segment =
          writeBack == WriteBack.FORCE
              ? mapByJvm(file.path(), arena)
              : file.map(MAXIMUM_SIZE, false, arena);
      segment.asSlice(0, 8).fill((byte) 0);
      return new DaxMedium(
          new Mapping(file.path().toString(), file, arena, segment, PageAdvice.NONE),
          SIZE,
          writeBack);
    }

    private static MemorySegment mapByJvm(Path path, Arena arena) throws IOException {
      try (FileChannel channel =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        MemorySegment segment = channel.map(FileChannel.MapMode.READ_WRITE, 0, MAXIMUM_SIZE, arena);
        channel.truncate(SIZE);
        return segment;
      }
    }
  }

  private static Medium map(LockedFile file, HeapOptions options) throws IOException {
    file.allocate(8, MediumContractTest.SIZE);
    Medium medium =
        MediumChoice.map(file, options, MediumContractTest.SIZE, MediumContractTest.MAXIMUM_SIZE);
    medium.segment().asSlice(0, 8).fill((byte) 0);
    assertEquals(MediumContractTest.SIZE, Files.size(file.path()));
    return medium;
  }
}
