package dev.cairn.examples;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.kill.JvmCommand;
import dev.cairn.crashtest.kill.KillFinding;
import dev.cairn.crashtest.kill.KillHarness;
import dev.cairn.crashtest.kill.KillMoment.Place;
import dev.cairn.crashtest.kill.KillPlan;
import dev.cairn.crashtest.kill.KillPoint;
import dev.cairn.crashtest.kill.KilledChild;
import dev.cairn.heap.HeapOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Does my transaction keep my invariant, whenever my program is killed? Ten kills may tell. */
public final class Example05_KillHarness {
  private Example05_KillHarness() {}

  /** Runs the example; the argument is a path where nothing is yet. */
  public static void main(String[] args) throws Exception {
    if (args.length == 2) {
      moveMoneyUntilKilled(Path.of(args[0]));
      return;
    }
    Path path = Path.of(args[0]);
    JvmCommand program =
        JvmCommand.of(Example05_KillHarness.class).withArguments(path.toString(), "move");
    System.out.println(
        KillHarness.of(program)
            .withPlan(
                KillPlan.anyOf(
                    KillPlan.at(Place.BEFORE_FENCE, 1, 200), // also while the heap is made
                    KillPlan.afterLine("moved", Duration.ofMillis(50))))
            .withKills(10)
            .run(killed -> check(path, killed))
            .orThrow());
  }

  private static void moveMoneyUntilKilled(Path path) throws IOException {
    HeapOptions options = KillPoint.arm(HeapOptions.defaults()); // all that the harness needs
    try (PersistentHeap heap = PersistentHeap.openOrCreate(path, options)) {
      PersistentHashMap<String, Long> cents = heap.map("cents", Types.STRING, Types.LONG);
      for (long moved = cents.getOrDefault("bob", 0L) + 1; true; moved++) {
        long toBob = moved;
        heap.transact( // without this line, the check fails
            () -> {
              cents.put("alice", -toBob);
              cents.put("bob", toBob);
            });
        System.out.println("moved " + moved); // acknowledged: it must not be lost
      }
    }
  }

  private static KillFinding check(Path path, KilledChild killed) throws IOException {
    long start = System.nanoTime();
    try (PersistentHeap heap = PersistentHeap.openOrCreate(path)) {
      Duration opening = Duration.ofNanos(System.nanoTime() - start);
      heap.verify();
      PersistentHashMap<String, Long> cents = heap.map("cents", Types.STRING, Types.LONG);
      long bob = cents.getOrDefault("bob", 0L);
      if (cents.getOrDefault("alice", 0L) + bob != 0) {
        throw new AssertionError("money was made or lost: " + cents);
      }
      if (!killed.lines().isEmpty()) {
        long acknowledged = Long.parseLong(killed.lines().getLast().substring("moved ".length()));
        if (bob != acknowledged && bob != acknowledged + 1) {
          throw new AssertionError(acknowledged + " were acknowledged, and " + bob + " are there");
        }
      }
      return new KillFinding(opening, killed.lines().size());
    }
  }
}
