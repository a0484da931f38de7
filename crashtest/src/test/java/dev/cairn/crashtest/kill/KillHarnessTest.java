package dev.cairn.crashtest.kill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.kill.KillMoment.AtEvent;
import dev.cairn.crashtest.kill.KillMoment.Place;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The harness kills what works, and reports what does not. */
@Timeout(120)
class KillHarnessTest {
  private static final List<Place> PLACES = List.of(Place.values());

  @TempDir private Path directory;

  // @start region="harness"
  /** Counts on in a file, and says each number when it is in there. */
  static final class Counter {
    private Counter() {}

    public static void main(String[] arguments) throws IOException {
      try (RandomAccessFile file = new RandomAccessFile(arguments[0], "rw")) {
        for (long n = file.length() == 0 ? 1 : file.readLong() + 1; true; n++) {
          file.seek(0);
          file.writeLong(n);
          System.out.println(n);
        }
      }
    }
  }

  @Test
  void countsOnAfterEachKill() throws Exception {
    Path path = directory.resolve("count");
    List<Long> left = new ArrayList<>();
    KillHarness.of(JvmCommand.of(Counter.class).withArguments(path.toString()))
        .withPlan(KillPlan.afterLine("", Duration.ofMillis(10)))
        .withKills(3)
        .run(
            killed -> {
              long start = System.nanoTime();
              try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
                long found = file.readLong();
                long said = Long.parseLong(killed.lines().getLast());
                assertTrue(found == said || found == said + 1, found + ", but said " + said);
                left.add(found);
                return new KillFinding(
                    Duration.ofNanos(System.nanoTime() - start), killed.lines().size());
              }
            })
        .orThrow(); // an AssertionError that says what failed, when, and the seed
    // @end
    assertEquals(3, left.size());
    assertTrue(left.get(0) < left.get(1), left.toString());
    assertTrue(left.get(1) < left.get(2), left.toString());
  }

  /** Fences, and says so, until the fence at which it is held. */
  static final class Fencer {
    private Fencer() {}

    public static void main(String[] arguments) {
      Medium medium = KillPoint.arm(HeapOptions.defaults()).mediumDecorator().apply(new NoMedium());
      for (int n = 1; true; n++) {
        medium.flush(0, 8);
        System.out.println("flushed " + n);
        medium.fence();
        System.out.println("fenced " + n);
      }
    }
  }

  @Test
  void killsAtTheEventThatWasDrawn() throws Exception {
    Set<Place> places = new HashSet<>();
    KillReport report =
        KillHarness.of(JvmCommand.of(Fencer.class))
            .withPlan((round, random) -> new AtEvent(PLACES.get(round % 3), 5L + random.nextInt(3)))
            .withKills(6)
            .run(
                killed -> {
                  AtEvent at = (AtEvent) killed.moment();
                  places.add(at.place());
                  String last =
                      switch (at.place()) {
                        case BEFORE_FENCE -> "flushed " + at.count();
                        case AFTER_FENCE -> "flushed " + at.count();
                        case BEFORE_FLUSH -> "fenced " + (at.count() - 1);
                      };
                  assertEquals(last, killed.lines().getLast());
                  return new KillFinding(Duration.ofMillis(killed.round()), at.count());
                })
            .orThrow();
    assertEquals(Set.copyOf(PLACES), places);
    assertEquals(6, report.survivals().size());
    assertEquals(Duration.ofMillis(3), report.medianReopening());
    assertEquals(Duration.ofMillis(5), report.longestReopening());
    assertTrue(report.toString().startsWith("6 kills survived"), report.toString());
  }

  /** Many threads fence; after the one that is held, none comes far. */
  static final class ManyFencers {
    private ManyFencers() {}

    public static void main(String[] arguments) throws InterruptedException {
      Medium medium = KillPoint.arm(HeapOptions.defaults()).mediumDecorator().apply(new NoMedium());
      CountDownLatch never = new CountDownLatch(1);
      for (int i = 0; i < 4; i++) {
        Thread.ofPlatform()
            .start(
                () -> {
                  while (true) {
                    medium.fence();
                    System.out.println("fenced");
                  }
                });
      }
      never.await();
    }
  }

  @Test
  void letsNoThreadGoOnAtTheEvent() throws Exception {
    KillReport report =
        KillHarness.of(JvmCommand.of(ManyFencers.class))
            .withPlan(KillPlan.at(Place.BEFORE_FENCE, 500, 500))
            .withKills(2)
            .run(
                killed -> {
                  int fenced = killed.lines().size();
                  // Three others may each have passed the point once before it was closed.
                  assertTrue(496 <= fenced && fenced <= 502, "fenced " + fenced);
                  return new KillFinding(Duration.ZERO, fenced);
                });
    assertNull(report.failure(), report.toString());
  }

  /** Ends, or fails, or does nothing, as it is told. */
  static final class Unwilling {
    private Unwilling() {}

    public static void main(String[] arguments) throws InterruptedException {
      System.out.println("begun");
      switch (arguments[0]) {
        case "end" -> System.out.println("nothing to do");
        case "fail" -> throw new IllegalStateException("no way");
        default -> new CountDownLatch(1).await();
      }
    }
  }

  private static KillFailure failureOf(KillPlan plan, Duration limit, String what)
      throws Exception {
    KillReport report =
        KillHarness.of(JvmCommand.of(Unwilling.class).withArguments(what))
            .withPlan(plan)
            .withLimit(limit)
            .run(
                killed -> {
                  throw new AssertionError("not the end that was expected");
                });
    assertTrue(report.survivals().isEmpty());
    KillFailure failure = report.failure();
    assertNotNull(failure);
    assertThrows(AssertionError.class, report::orThrow);
    return failure;
  }

  @Test
  void reportsAProgramThatEnds() throws Exception {
    KillPlan never = KillPlan.afterLine("never", Duration.ZERO);
    KillFailure ended = failureOf(never, Duration.ofSeconds(60), "end");
    assertTrue(ended.what().contains("ended by itself, with exit code 0"), ended.what());
    assertEquals(List.of("begun", "nothing to do"), ended.output());
    KillFailure failed = failureOf(never, Duration.ofSeconds(60), "fail");
    assertTrue(failed.what().contains("exit code 1"), failed.what());
    assertTrue(failed.toString().contains("no way"), failed.toString());
  }

  @Test
  void reportsAProgramThatHangs() throws Exception {
    KillPlan never = KillPlan.at(Place.AFTER_FENCE, 1, 1);
    KillFailure hung = failureOf(never, Duration.ofSeconds(3), "hang");
    assertTrue(hung.what().contains("did not come to this moment within 3 s"), hung.what());
    assertTrue(hung.toString().contains("Unwilling.main"), "no dump of threads: " + hung);
  }

  @Test
  void reportsWhatTheCheckThrew() throws Exception {
    KillPlan begun = KillPlan.afterLine("begun", Duration.ZERO);
    KillFailure refused = failureOf(begun, Duration.ofSeconds(60), "hang");
    assertTrue(refused.what().contains("not the end that was expected"), refused.what());
    assertNotNull(refused.cause());
    assertTrue(refused.output().contains("begun"), refused.toString());
  }

  /** Starts a child that is told to look after itself, says its number, and dies. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws Exception {
      JvmCommand command =
          JvmCommand.of(Orphan.class).withJvmOptions("-Dcairn.crashtest.child=true");
      @SuppressWarnings("resource") // left behind on purpose
      ChildJvm child = ChildJvm.start(command);
      System.out.println(child.nextLine(Duration.ofSeconds(60)).orElse("none"));
      new CountDownLatch(1).await();
    }
  }

  /** Says its number and hangs. */
  static final class Orphan {
    private Orphan() {}

    public static void main(String[] arguments) throws InterruptedException {
      KillPoint.arm(HeapOptions.defaults());
      System.out.println(ProcessHandle.current().pid());
      new CountDownLatch(1).await();
    }
  }

  @Test
  void leavesNoOrphanEvenIfTheParentIsKilled() throws Exception {
    for (boolean byKill : new boolean[] {true, false}) {
      ProcessHandle orphan;
      try (ChildJvm parent = ChildJvm.start(JvmCommand.of(Parent.class))) {
        long pid = Long.parseLong(parent.nextLine(Duration.ofSeconds(60)).orElseThrow());
        orphan = ProcessHandle.of(pid).orElseThrow();
        if (byKill) {
          parent.kill();
          assertTrue(parent.wasKilled());
        } else {
          parent.terminate(); // SIGTERM: its shutdown hook kills the child.
          assertTrue(parent.waitFor(Duration.ofSeconds(60)));
          assertFalse(parent.wasKilled());
        }
      }
      orphan.onExit().get();
    }
  }

  @Test
  void drawsTheSameMomentsAgain() {
    KillPlan plan =
        KillPlan.anyOf(
            KillPlan.afterStart(Duration.ofMillis(5), Duration.ofMillis(9)),
            KillPlan.afterLine("x", Duration.ofMillis(7)),
            KillPlan.at(Place.AFTER_FENCE, 3, 30));
    assertEquals(drawn(plan, 1), drawn(plan, 1));
    assertFalse(drawn(plan, 1).equals(drawn(plan, 2)));
    assertThrows(IllegalArgumentException.class, KillPlan::anyOf);
    assertThrows(IllegalArgumentException.class, () -> KillPlan.at(Place.AFTER_FENCE, 3, 2));
    assertThrows(IllegalArgumentException.class, () -> new AtEvent(Place.AFTER_FENCE, 0));
  }

  private static List<String> drawn(KillPlan plan, long seed) {
    Random random = new Random(seed);
    List<String> moments = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      moments.add(plan.draw(round, random).toString());
    }
    return moments;
  }

  @Test
  void changesNothingWithoutAHarness() {
    HeapOptions options = HeapOptions.defaults();
    assertEquals(options, KillPoint.arm(options));
  }

  @Test
  void preparesEachRoundAndStopsInTime() throws Exception {
    Path path = directory.resolve("count");
    List<Integer> rounds = new ArrayList<>();
    KillHarness harness =
        KillHarness.of(JvmCommand.of(Counter.class).withArguments(path.toString()))
            .withPlan(KillPlan.afterLine("2", Duration.ZERO))
            .withKills(2)
            .withPreparation(
                round -> {
                  rounds.add(round);
                  Files.deleteIfExists(path);
                });
    harness
        .run(
            killed -> {
              assertEquals("1", killed.lines().getFirst());
              return new KillFinding(Duration.ZERO, 0);
            })
        .orThrow();
    assertEquals(List.of(0, 1), rounds);
    Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
    harness
        .withDuration(forever)
        .withLimit(forever)
        .withKills(1)
        .run(killed -> new KillFinding(Duration.ZERO, 0))
        .orThrow();
    KillReport none =
        harness.withDuration(Duration.ZERO).run(killed -> new KillFinding(Duration.ZERO, 0));
    assertEquals(0, none.survivals().size());
    assertEquals(Duration.ZERO, none.medianReopening());
  }
}
