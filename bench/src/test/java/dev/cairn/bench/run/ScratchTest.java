package dev.cairn.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.bench.peer.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
  @TempDir private Path parent;

  @Test
  void deletesAllThatItMade() throws IOException {
    try (Scratch scratch = Scratch.in(parent, parent)) {
      Path folder = scratch.create(Place.MEMORY);
      Files.createDirectories(folder.resolve("below"));
      Files.writeString(folder.resolve("below").resolve("file"), "bytes");
      scratch.create(Place.DISK);
    }
    assertEquals(List.of(), files());
  }

  @Test
  void deletesWhatDeadRunsLeft() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    Path left = Files.createDirectory(parent.resolve("cairn-bench-" + dead.pid() + "-1"));
    Files.writeString(left.resolve("bench.heap"), "bytes");
    Scratch.in(parent, parent).close();
    assertFalse(Files.exists(left));
  }

  @Test
  void leavesTheFilesOfOthersAlone() throws IOException {
    long living = ProcessHandle.current().parent().orElseThrow().pid();
    Path running = Files.createDirectory(parent.resolve("cairn-bench-" + living + "-1"));
    Path other = Files.createDirectory(parent.resolve("cairn-bench-notes"));
    Scratch.in(parent, parent).close();
    assertTrue(Files.exists(running));
    assertTrue(Files.exists(other));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(parent)) {
      return all.toList();
    }
  }
}
