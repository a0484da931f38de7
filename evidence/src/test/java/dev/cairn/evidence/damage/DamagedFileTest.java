package dev.cairn.evidence.damage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.PersistentMemoryException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were cut short, or never were heaps, opened as users open them. */
class DamagedFileTest {
  private static final int LINE = 64;

  /** Far above what any file takes. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  private final long seed = Long.getLong("cairn.seed", System.nanoTime());

  private Random random(String test) {
    System.out.println("DamagedFileTest." + test + ": -Dcairn.seed=" + seed);
    return new Random(seed);
  }

  /** Opens a file that holds no whole heap: that is told, and nothing of it changes. */
  private void assertRefused(Path file) throws IOException {
    byte[] before = Files.readAllBytes(file);
    assertTimeoutPreemptively(
        LIMIT,
        () ->
            assertThrows(
                PersistentMemoryException.class, () -> PersistentHeap.open(file, Specimen.OPTIONS)),
        file::toString);
    assertArrayEquals(before, Files.readAllBytes(file), "changed by an open that was refused");
  }

  private void truncations(LongStream sizes) throws IOException {
    byte[] image = Specimen.all(1).getFirst().image();
    Path file = Files.write(folder.resolve("truncated"), image);
    // From long to short, so that the file is written once.
    try (RandomAccessFile handle = new RandomAccessFile(file.toFile(), "rw")) {
      for (long size : sizes.toArray()) {
        handle.setLength(size);
        assertTimeoutPreemptively(
            LIMIT,
            () ->
                assertThrows(
                    PersistentMemoryException.class,
                    () -> PersistentHeap.open(file, Specimen.OPTIONS)),
            () -> "truncated to " + size);
        assertTrue(Files.size(file) == size, () -> "no longer truncated to " + size);
      }
    }
    byte[] left = Files.readAllBytes(file);
    assertArrayEquals(Arrays.copyOf(image, left.length), left, "changed");
  }

  @Test
  void someTruncatedFilesAreRefusedUnchanged() throws IOException {
    long lines = Specimen.all(1).getFirst().image().length / LINE;
    Random random = random("someTruncatedFilesAreRefusedUnchanged");
    truncations(
        LongStream.concat(
                random.longs(300, 0, lines), LongStream.of(0, 1, 2, 63, 64, 65, 127, 128, 129))
            .boxed()
            .sorted(java.util.Comparator.reverseOrder())
            .mapToLong(line -> line * LINE));
  }

  @Test
  @Tag("long")
  void fileTruncatedAtEachLineIsRefusedUnchanged() throws IOException {
    long lines = Specimen.all(1).getFirst().image().length / LINE;
    truncations(LongStream.rangeClosed(1, lines).map(line -> (lines - line) * LINE));
  }

  @Test
  void randomFilesAreNoHeaps() throws IOException {
    randomFiles("randomFilesAreNoHeaps", 100);
  }

  @Test
  @Tag("long")
  void manyRandomFilesAreNoHeaps() throws IOException {
    randomFiles("manyRandomFilesAreNoHeaps", 10_000);
  }

  private void randomFiles(String test, int count) throws IOException {
    Random random = random(test);
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[random.nextInt(1 << random.nextInt(23)) + 1];
      random.nextBytes(bytes);
      assertRefused(Files.write(folder.resolve("random"), bytes));
    }
  }

  @Test
  void headersBeforeRandomBytesHarmNobody() throws IOException {
    headersBeforeRandomBytes("headersBeforeRandomBytesHarmNobody", 60);
  }

  @Test
  @Tag("long")
  void headersBeforeManyRandomBytesHarmNobody() throws IOException {
    headersBeforeRandomBytes("headersBeforeManyRandomBytesHarmNobody", 5_000);
  }

  /** The rest is random bytes, few of them, or zeros: open and look, each in its time. */
  private void headersBeforeRandomBytes(String test, int count) throws IOException {
    Random random = random(test);
    byte[] image = Specimen.all(1).getFirst().image();
    Path file = folder.resolve("header");
    for (int i = 0; i < count; i++) {
      byte[] bytes = image.clone();
      int from = random.nextBoolean() ? 8192 : 1 << (16 + random.nextInt(7));
      byte[] rest = new byte[bytes.length - from];
      if (random.nextBoolean()) {
        random.nextBytes(rest);
        for (int at = 0; at < rest.length; at++) {
          rest[at] = random.nextInt(4) == 0 ? rest[at] : 0;
        }
      }
      System.arraycopy(rest, 0, bytes, from, rest.length);
      Files.write(file, bytes);
      assertTimeoutPreemptively(LIMIT, () -> look(file), "image " + i);
    }
  }

  private static void look(Path file) throws IOException {
    try (PersistentHeap heap = PersistentHeap.open(file, Specimen.OPTIONS)) {
      heap.verify();
      heap.names();
      Content.readAll(heap);
    } catch (PersistentMemoryException told) {
      assertTrue(String.valueOf(told.getMessage()).length() < 2000, "a message");
    }
  }

  /** A size that lies, with a checksum that is right, on a file that is shorter or longer. */
  @Test
  void sizesThatLieAreRefused() throws IOException {
    PatchedMedium medium = PatchedMedium.of(Specimen.all(1).getFirst().image());
    long[] sizes = {
      Specimen.SIZE + (256 << 10), 1L << 40, 64L << 40, (64L << 40) + (256 << 10), 1L << 62
    };
    for (long size : sizes) {
      medium.reset();
      Forgery.superblock(medium, 64, Math.max(size, Specimen.SIZE));
      Forgery.superblock(medium, 56, size);
      assertRefused(Files.write(folder.resolve("size"), medium.image()));
    }
  }

  /** How far a heap says that it may grow is address space, no more: a file may say 64 TiB. */
  @Test
  void aMaximumSizeThatLiesHarmsNobody() throws IOException {
    PatchedMedium medium = PatchedMedium.of(Specimen.all(1).getFirst().image());
    Forgery.superblock(medium, 64, 64L << 40);
    Path file = Files.write(folder.resolve("maximum"), medium.image());
    try (PersistentHeap heap = PersistentHeap.open(file, Specimen.OPTIONS)) {
      heap.verify();
    } catch (IOException noAddressSpace) {
      assertTrue(String.valueOf(noAddressSpace.getMessage()).contains("maximum"), "a reason");
    }
  }

  @Test
  void filesOfOtherKindsAreNamedAsSuch() throws IOException {
    for (String text : new String[] {"hello", "CAIRN", "PK\003\004", "SQLite format 3\0"}) {
      Path file = Files.writeString(folder.resolve("other"), text.repeat(10_000));
      assertThrows(HeapFormatException.class, () -> PersistentHeap.open(file, Specimen.OPTIONS));
    }
  }
}
