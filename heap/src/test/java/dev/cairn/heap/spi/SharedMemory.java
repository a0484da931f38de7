package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Folders for tests that need a file system in memory. */
final class SharedMemory {
  private static final Path ROOT = Path.of("/dev/shm");

  private SharedMemory() {}

  static Path createDirectory() throws IOException {
    assumeTrue(
        Files.isWritable(ROOT) && Files.getFileStore(ROOT).type().equals("tmpfs"),
        "this system has no tmpfs at " + ROOT);
    return Files.createTempDirectory(ROOT, "cairn-test");
  }

  static void delete(Path directory) throws IOException {
    List<Path> all;
    try (var paths = Files.walk(directory)) {
      all = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
