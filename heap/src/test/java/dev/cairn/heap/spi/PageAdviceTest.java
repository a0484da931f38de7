package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.MediumKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel says of mappings, in {@code /proc/self/smaps}. */
class PageAdviceTest {
  private static final long SIZE = 8L << 20;
  private static final HeapOptions OPTIONS = HeapOptions.defaults().withInitialSize(SIZE);

  @TempDir Path disk;
  private @Nullable Path directory;

  @BeforeEach
  void createDirectory() throws Exception {
    directory = SharedMemory.createDirectory();
  }

  @AfterEach
  void deleteDirectory() throws Exception {
    if (directory != null) {
      SharedMemory.delete(directory);
    }
  }

  private Path heapFile() {
    return Objects.requireNonNull(directory).resolve("heap");
  }

  private static List<String> smaps(Path file) throws Exception {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
    int first = 0;
    while (!lines.get(first).endsWith(file.toString())) {
      first++;
    }
    int last = first;
    while (!lines.get(last).startsWith("VmFlags:")) {
      last++;
    }
    return lines.subList(first, last + 1);
  }

  /** A field of a mapping, in bytes. */
  private static long field(Path file, String name) throws Exception {
    for (String line : smaps(file)) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new AssertionError(name);
  }

  private static boolean hasFlag(Path file, String flag) throws Exception {
    return List.of(smaps(file).getLast().split(" ")).contains(flag);
  }

  @Test
  void pagesAreMappedAtTheirFirstUse() throws Exception {
    Path path = heapFile();
    try (HeapFile heap = HeapFile.create(path, OPTIONS.withHugePages(false))) {
      assertEquals(SIZE, heap.size());
      assertTrue(field(path, "Rss") < SIZE);
      assertTrue(hasFlag(path, "nh"));
    }
    try (HeapFile heap = HeapFile.open(path, OPTIONS)) {
      assertEquals(SIZE, heap.size());
      assertTrue(field(path, "Rss") < SIZE);
      assertFalse(hasFlag(path, "nh"));
    }
  }

  @Test
  void prefaultMapsAllThatThereIs() throws Exception {
    Path path = heapFile();
    for (HeapOptions options : List.of(OPTIONS, OPTIONS.withHugePages(false))) {
      try (HeapFile heap = HeapFile.create(path, options.withPrefault(true))) {
        assertEquals(SIZE, field(path, "Rss"));
        heap.grow(SIZE + (5L << 20));
        assertEquals(heap.size(), field(path, "Rss"));
        heap.grow(SIZE + (6L << 20));
        assertEquals(heap.size(), field(path, "Rss"));
      }
      try (HeapFile heap = HeapFile.open(path, options.withPrefault(true))) {
        assertEquals(heap.size(), field(path, "Rss"));
      }
      Files.delete(path);
    }
  }

  /** What is put together is as it was, whatever it was. */
  @Test
  void prefaultChangesNoByte() throws Exception {
    for (Path path : List.of(heapFile(), disk.resolve("heap"))) {
      try (HeapFile heap = HeapFile.create(path, OPTIONS)) {
        byte[] content = new byte[(int) SIZE - (1 << 20)];
        new SplittableRandom(1).nextBytes(content);
        heap.protocolAccessor().put(1 << 20, content, 0, content.length);
      }
      byte[] before = Files.readAllBytes(path);
      HeapOptions automatic = OPTIONS.withPrefault(true);
      for (HeapOptions options :
          List.of(
              automatic,
              automatic.withHugePages(false),
              automatic.withMedium(MediumKind.PAGE_CACHE))) {
        try (HeapFile heap = HeapFile.open(path, options)) {
          assertEquals(SIZE, heap.size());
          assertArrayEquals(before, Files.readAllBytes(path));
          assertEquals(SIZE, field(path, "Rss"));
        }
      }
    }
  }

  /** Not all kernels and mounts can; where this one can, pages are huge and mapped as such. */
  @Test
  void prefaultPutsHugePagesTogether() throws Exception {
    assumeTrue(kernelCollapses());
    Path path = heapFile();
    try (HeapFile heap = HeapFile.create(path, OPTIONS.withPrefault(true))) {
      assertEquals(SIZE, field(path, "ShmemPmdMapped"));
      heap.grow(SIZE + (3L << 20));
      assertEquals(SIZE + (2L << 20), field(path, "ShmemPmdMapped"));
      heap.grow(SIZE + (4L << 20));
      assertEquals(SIZE + (4L << 20), field(path, "ShmemPmdMapped"));
    }
    try (HeapFile heap = HeapFile.open(path, OPTIONS.withPrefault(true).withHugePages(false))) {
      assertEquals(0, field(path, "ShmemPmdMapped"));
      assertEquals(heap.size(), field(path, "Rss"));
    }
  }

  private boolean kernelCollapses() throws Exception {
    Path path = heapFile();
    long length = HeapLayout.HUGE_PAGE_SIZE;
    try (LockedFile file = LockedFile.create(path);
        Arena arena = Arena.ofShared()) {
      file.allocate(0, length);
      MemorySegment mapping = file.map(length, false, arena);
      SystemCalls.advise(mapping.address(), length, SystemCalls.MADV_COLLAPSE);
      return true;
    } catch (SystemCallException refused) {
      return false;
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void pagesCanBeTouchedWhereTheKernelCannotBeAsked() throws Exception {
    Path path = heapFile();
    try (HeapFile heap = HeapFile.create(path, OPTIONS.withHugePages(false));
        LockedFile file = LockedFile.create(disk.resolve("other"));
        Arena arena = Arena.ofShared()) {
      assertEquals(SIZE, heap.size());
      file.allocate(0, SIZE);
      MemorySegment mapping = file.map(SIZE, false, arena);
      PageAdvice.touch(mapping, 0, SIZE);
      assertEquals(SIZE, field(disk.resolve("other"), "Rss"));
    }
  }
}
