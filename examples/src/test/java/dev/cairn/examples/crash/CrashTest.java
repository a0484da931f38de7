package dev.cairn.examples.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arguments of no use end the crash test with exit code 2 and a message that names them. */
class CrashTest {
  @TempDir private Path folder;

  @Test
  void refusesNumbersThatMakeNoSense() {
    refuses("--kills", "--kills", "0");
    refuses("--kills", "--kills", "many");
    refuses("--seconds", "--seconds", "0");
    refuses("--processes", "--processes", "0");
    refuses("--threads", "--threads", "65");
    refuses("--mistake", "--mistake", "ALL");
    refuses("--unknown", "--unknown");
  }

  @Test
  void refusesAHeapThatExists() throws IOException {
    Path heap = Files.writeString(folder.resolve("heap"), "precious");
    refuses("exists already", "--heap", heap.toString());
    Path second = Files.writeString(folder.resolve("other.2"), "precious");
    refuses("exists already", "--heap", folder.resolve("other").toString());
    assertEquals("precious", Files.readString(heap));
    assertEquals("precious", Files.readString(second));
    try (var left = Files.list(folder)) {
      assertEquals(2, left.count());
    }
  }

  @Test
  void tellsItsExitCodes() {
    CrashOutput crash = CrashOutput.of("--help");
    assertEquals(0, crash.exitCode());
    assertTrue(crash.out().contains("Exit codes:"), crash.out());
  }

  private static void refuses(String why, String... args) {
    CrashOutput crash = CrashOutput.of(args);
    assertEquals(2, crash.exitCode(), crash.toString());
    assertTrue(crash.err().contains(why), crash.toString());
  }
}
