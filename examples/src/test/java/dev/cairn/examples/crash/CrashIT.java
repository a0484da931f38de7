package dev.cairn.examples.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hundreds of kills lose nothing; and where something is lost, it is found. */
class CrashIT {
  @TempDir private Path folder;

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void losesNothingIn200Kills() {
    survives(200);
  }

  @Test
  @Tag("long")
  @Timeout(value = 120, unit = TimeUnit.MINUTES)
  void losesNothingIn2000Kills() {
    survives(2000);
  }

  /** The seed is printed; {@code -Dcairn.crash.seed} takes it back. */
  private static void survives(int kills) {
    long seed = Long.getLong("cairn.crash.seed", new Random().nextInt(1_000_000));
    CrashOutput crash =
        CrashOutput.of("--kills", Integer.toString(kills), "--seed", Long.toString(seed));
    System.out.println(crash.out());
    assertEquals(0, crash.exitCode(), crash.toString());
    assertTrue(crash.out().contains("lost, torn or failed          nothing"), crash.out());
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void worksOnAnOrdinaryFileAndRemovesIt() throws IOException {
    Path heap = folder.resolve("a.heap");
    CrashOutput crash =
        CrashOutput.of("--kills", "6", "--seed", "3", "--sync", "--heap", heap.toString());
    assertEquals(0, crash.exitCode(), crash.toString());
    try (var left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void findsWhatIsAcknowledgedTooEarly() throws IOException {
    finds(Mistake.EARLY_ACKNOWLEDGEMENT);
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void findsThatTransactionsAreMissing() throws IOException {
    finds(Mistake.NO_TRANSACTIONS);
  }

  private void finds(Mistake mistake) throws IOException {
    Path heap = folder.resolve("a.heap");
    CrashOutput crash =
        CrashOutput.of("--kills", "100", "--mistake", mistake.name(), "--heap", heap.toString());
    assertEquals(1, crash.exitCode(), crash.toString());
    assertFalse(crash.out().contains("nothing"), crash.out());
    assertTrue(crash.err().contains("AuditException"), crash.err());
    assertTrue(crash.err().contains("./cairn crash --seed"), crash.err());
    assertTrue(crash.err().contains("--mistake " + mistake), crash.err());
    try (var kept = Files.list(folder)) {
      assertTrue(kept.findAny().isPresent(), "the heap is kept");
    }
  }
}
