package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CrashScenarioTest {
  /** Without a sanitizer, which would find some of the bugs here before any crash. */
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(4096).withSanitizer(Sanitizer.off());

  /** Counters, each in a line of its own; what can go wrong with them is up to the operations. */
  private static final class Counters {
    private static final int COUNT = 8;
    private final SimulatedMedium medium;
    private final ReentrantLock lock = new ReentrantLock();
    private final Object first = new Object();
    private final Object second = new Object();
    private volatile boolean taken;

    Counters(SimulatedMedium medium) {
      this.medium = medium;
    }

    static CrashScenario<Counters> scenario() {
      return CrashScenario.of(Counters::new, Counters::new).withState(Counters::values);
    }

    List<Long> values() {
      return IntStream.range(0, COUNT).mapToObj(this::get).toList();
    }

    long get(int i) {
      return medium.getLong(i * 64L);
    }

    private void store(int i, long value) {
      medium.putLong(i * 64L, value);
    }

    private void persist(int i) {
      medium.flush(i * 64L, 8);
      medium.fence();
    }

    @Nullable Object set(int i, long value) {
      store(i, value);
      persist(i);
      return null;
    }

    long increment(int i) {
      long old = get(i);
      set(i, old + 1);
      return old;
    }

    long incrementInMonitor(int i) {
      synchronized (first) {
        return increment(i);
      }
    }

    long incrementWithLock(int i) {
      lock.lock();
      try {
        return increment(i);
      } finally {
        lock.unlock();
      }
    }

    /** As Cairn's own locks do. */
    long incrementInTurn(int i) {
      while (taken) {
        if (!medium.waiting()) {
          Thread.onSpinWait();
        }
      }
      taken = true;
      try {
        return increment(i);
      } finally {
        taken = false;
      }
    }

    long nested(boolean firstFirst) {
      synchronized (firstFirst ? first : second) {
        increment(0);
        synchronized (firstFirst ? second : first) {
          return increment(1);
        }
      }
    }
  }

  private static Operation<Counters> set(int i, long value) {
    return Operation.run("set " + i, counters -> counters.set(i, value));
  }

  private static CrashTestFailure failure(CrashExplorer explorer, CrashScenario<?> scenario) {
    return assertThrows(CrashTestFailure.class, () -> explorer.explore(scenario));
  }

  private static void assertContains(String part, String text) {
    assertTrue(text.contains(part), () -> "expected \"" + part + "\" in: " + text);
  }

  // One thread.

  @Test
  void hundredsOfOperationsOfOneThreadRunOnTheCallingOne() {
    List<Operation<Counters>> operations = new ArrayList<>();
    Thread caller = Thread.currentThread();
    for (int i = 0; i < 400; i++) {
      int value = i + 1;
      operations.add(
          Operation.call(
              "set " + i,
              counters -> {
                assertSame(caller, Thread.currentThread());
                counters.set(value % Counters.COUNT, value);
                return value;
              }));
    }
    ExplorationReport report = EXPLORER.explore(Counters.scenario().thread(operations));

    assertEquals(1, report.schedules());
    assertEquals(2 * 400 + 1, report.events());
    // Each moment between is judged by two states, or by one where nothing is in flight.
    assertTrue(report.imagesDistinct() >= 2 * 400, report.toString());
  }

  @Test
  void anAcknowledgedOperationThatIsLostFails() {
    Operation<Counters> forgetful =
        Operation.run(
            "forgetful set",
            counters -> {
              counters.store(3, 33);
              counters.medium.flush(3 * 64, 8);
            });
    CrashTestFailure failure =
        failure(
            EXPLORER,
            Counters.scenario()
                .prepare(set(0, 1), set(1, 2))
                .withWordNames(
                    counters -> offset -> "counter " + offset / 64 + " of " + counters.get(1))
                .thread(set(0, 5), set(1, 6), forgetful, set(2, 7), set(4, 1)));

    String message = failure.getMessage();
    assertContains("with 1 of 7 operations", message);
    assertContains("forgetful set: acknowledged, returned null", message);
    assertContains("lost 1 of 1 words", message);
    assertContains("(counter 3 of 0)", message);
    assertContains("stored at CrashScenarioTest$Counters.store(CrashScenarioTest.java:", message);
    assertContains("recovered to [0, 0, 0, 0, 0, 0, 0, 0], expected [0, 0, 0, 33", message);
    assertEquals(List.of(new LostWord(192, 0, 33)), failure.image().lost());
    assertEquals(List.of("forgetful set"), failure.progress().acknowledged());
  }

  @Test
  void theSanitizerLooksAtOperations() {
    CrashExplorer sanitized = EXPLORER.withSanitizer(Sanitizer.failing());
    Operation<Counters> set = Operation.run("set", counters -> counters.set(0, 1));
    sanitized.explore(Counters.scenario().thread(set));

    Operation<Counters> store = Operation.run("store", counters -> counters.store(0, 1));
    SanitizerError error =
        assertThrows(
            SanitizerError.class, () -> sanitized.explore(Counters.scenario().thread(store)));
    assertContains("stored, and not flushed before it was relied on", error.finding().toString());
    assertContains("CrashScenarioTest$Counters.store", error.finding().toString());

    Operation<Counters> twice = Operation.run("twice", counters -> counters.persist(0));
    SanitizerError idle =
        assertThrows(
            SanitizerError.class,
            () -> sanitized.explore(Counters.scenario().thread(set, twice).thread(set(3, 1))));
    assertContains("nothing new to write back", idle.finding().toString());
  }

  @Test
  void anOperationIsWholeOrAbsent() {
    Operation<Counters> halves =
        Operation.run(
            "two counters",
            counters -> {
              counters.set(0, 1);
              counters.set(1, 1);
            });
    CrashTestFailure failure = failure(EXPLORER, Counters.scenario().thread(halves));

    assertContains("two counters: in flight", failure.getMessage());
    assertEquals(List.of(), failure.progress().acknowledged());
    assertEquals(1, failure.image().word(0));
    assertEquals(0, failure.image().word(64));
  }

  @Test
  void resultsAreComparedWithTheModel() {
    CrashScenario<Counters> scenario =
        Counters.scenario()
            .withModel(() -> new Counters(SimulatedMedium.create(4096, 4096)))
            .thread(
                Operation.call("which", counters -> counters.medium.changes() > 1_000_000 ? 1 : 0),
                Operation.call("identity", counters -> System.identityHashCode(counters)));

    assertContains(
        "no order of the operations explains what they returned",
        failure(EXPLORER, scenario).getMessage());
  }

  @Test
  void exceptionsAreResultsAndRefusalsAreNone() {
    Operation<Counters> throwing =
        Operation.run(
            "throws",
            counters -> {
              throw new IllegalArgumentException("in the model, too");
            });
    ExplorationReport report = EXPLORER.explore(Counters.scenario().thread(throwing, set(1, 1)));
    assertTrue(report.imagesDistinct() >= 3, report.toString());

    boolean[] model = {true};
    CrashScenario<Counters> refused =
        Counters.scenario()
            .withModel(
                () -> {
                  model[0] = true;
                  return new Counters(SimulatedMedium.create(4096, 4096));
                })
            .thread(
                Operation.run(
                    "refused",
                    counters -> {
                      if (counters.medium.maximumSize() == 8192) {
                        throw new IllegalStateException("only here");
                      }
                      counters.set(0, 1);
                    }),
                set(1, 1));
    CrashExplorer larger = EXPLORER.withMaximumSize(8192);
    assertContains("only here", failure(larger, refused).getMessage());
    ExplorationReport allowed = larger.explore(refused.withRefusal(IllegalStateException.class));
    assertTrue(allowed.imagesDistinct() >= 2, allowed.toString());
  }

  @Test
  void withoutAStateOnlyTheVerifierJudges() {
    CrashScenario<Counters> scenario =
        CrashScenario.of(Counters::new, Counters::new)
            .withVerify(counters -> assertTrue(counters.get(0) >= counters.get(1), "order"))
            .thread(set(0, 1), set(1, 1));
    ExplorationReport report = EXPLORER.explore(scenario);
    assertEquals(3, report.imagesDistinct());

    CrashTestFailure failure =
        failure(
            EXPLORER,
            CrashScenario.of(Counters::new, Counters::new)
                .withVerify(counters -> assertTrue(counters.get(0) >= counters.get(1), "order"))
                .thread(set(2, 1), set(1, 1)));
    assertContains("order", failure.getMessage());
    assertContains("with 1 of 2 operations", failure.getMessage());
  }

  @Test
  void recoveryIsCrashedToo() {
    // Recovery clears what an unfinished operation left, but forgets to keep the order.
    CrashScenario<Counters> scenario =
        CrashScenario.of(
                Counters::new,
                medium -> {
                  Counters counters = new Counters(medium);
                  if (counters.get(7) == 1) {
                    counters.store(0, 0);
                    counters.store(1, 0);
                    counters.store(7, 0);
                    medium.flush(0, 512);
                    medium.fence();
                  }
                  return counters;
                })
            .withState(Counters::values)
            .thread(
                Operation.run(
                    "both",
                    counters -> {
                      counters.set(7, 1);
                      counters.store(0, 1);
                      counters.store(1, 1);
                      counters.medium.flush(0, 128);
                      counters.medium.fence();
                      counters.set(7, 0);
                    }));
    CrashTestFailure failure = failure(EXPLORER, scenario);
    assertContains("its recovery crashed at event", failure.getMessage());
    assertEquals(2, failure.progress().crashes());
    assertEquals(failure.getMessage(), replayed(EXPLORER, failure, scenario).getMessage());
    EXPLORER.withNestedDepth(0).explore(scenario);
  }

  private static CrashTestFailure replayed(
      CrashExplorer explorer, CrashTestFailure failure, CrashScenario<?> scenario) {
    CrashTestFailure again =
        assertThrows(CrashTestFailure.class, () -> explorer.replay(failure.replay(), scenario));
    assertEquals(failure.image(), again.image());
    assertEquals(failure.replay(), again.replay());
    return again;
  }

  // Several threads.

  @Test
  void threadsAreInterleaved() {
    Operation<Counters> increment = Operation.call("increment", counters -> counters.increment(0));
    CrashScenario<Counters> scenario =
        Counters.scenario()
            .prepare(set(5, 1), set(6, 2))
            .thread(set(1, 1), increment, set(2, 2))
            .thread(set(3, 3), increment);
    CrashTestFailure failure = failure(EXPLORER, scenario);

    String message = failure.getMessage();
    assertContains("no order of the operations explains what they returned", message);
    assertContains("with 2 of 7 operations", message);
    assertContains("increment: acknowledged, returned 0", message);
    assertContains("thread 1 stopped before a store at CrashScenarioTest$Counters.store", message);
    assertContains("thread 2 went on", message);
    assertContains("lost 0 of", message);
    assertEquals(message, replayed(EXPLORER, failure, scenario).getMessage());

    EXPLORER.withPreemptions(0).explore(scenario);
  }

  @Test
  void threadsThatBlockAreFoundOut() {
    for (Operation<Counters> increment :
        List.<Operation<Counters>>of(
            Operation.call("monitor", counters -> counters.incrementInMonitor(0)),
            Operation.call("lock", counters -> counters.incrementWithLock(0)),
            Operation.call("turn", counters -> counters.incrementInTurn(0)))) {
      CrashScenario<Counters> scenario =
          Counters.scenario()
              .thread(increment, set(1, 1))
              .thread(increment, increment)
              .thread(increment);
      ExplorationReport report = EXPLORER.withSchedules(150).explore(scenario);
      assertEquals(150, report.schedules());
      assertTrue(report.imagesDistinct() > 10, report.toString());
    }
  }

  /** A reader that returns what is not durable has let its caller rely on it. */
  @Test
  void whatWasReadMustSurvive() {
    CrashTestFailure failure =
        failure(
            EXPLORER,
            Counters.scenario()
                .thread(set(0, 1))
                .thread(Operation.call("get", counters -> counters.get(0))));

    assertContains("set 0: in flight", failure.getMessage());
    assertContains("get: acknowledged, returned 1", failure.getMessage());
    assertContains("lost 1 of 1 words", failure.getMessage());
  }

  @Test
  void realTimeOrderHolds() {
    // Two threads that share nothing are right in all interleavings.
    ExplorationReport report =
        EXPLORER.explore(
            Counters.scenario()
                .thread(set(0, 1), set(1, 1))
                .thread(set(2, 1), set(3, 1))
                .thread(set(4, 1)));
    assertTrue(report.schedules() > 200, report.toString());
  }

  @Test
  void deadlocksAreReportedWithStacks() {
    CrashScenario<Counters> scenario =
        CrashScenario.of(Counters::new, Counters::new)
            .thread(set(2, 1), Operation.call("first", counters -> counters.nested(true)))
            .thread(Operation.call("second", counters -> counters.nested(false)));
    CrashTestFailure failure = failure(EXPLORER, scenario);

    assertContains("the threads wait for one another", failure.getMessage());
    assertContains("thread 1, BLOCKED", failure.getMessage());
    assertContains("thread 2, BLOCKED", failure.getMessage());
    assertContains("Counters.nested(CrashScenarioTest.java:", failure.getMessage());
    assertContains("with 2 of 3 operations", failure.getMessage());
    replayed(EXPLORER, failure, scenario);
  }

  @Test
  void aThreadThatWaitsForNothingIsReported() {
    CrashScenario<Counters> scenario =
        Counters.scenario()
            .thread(
                Operation.run(
                    "takes and keeps",
                    counters -> {
                      counters.taken = true;
                      counters.set(0, 1);
                    }))
            .thread(Operation.call("waits", counters -> counters.incrementInTurn(1)));
    CrashTestFailure failure =
        failure(
            EXPLORER, scenario.withModel(() -> new Counters(SimulatedMedium.create(4096, 4096))));

    assertContains("the threads wait for one another", failure.getMessage());
    assertContains("Counters.incrementInTurn", failure.getMessage());
  }

  @Test
  void theSameSeedVisitsTheSameImages() {
    Operation<Counters> increment =
        Operation.call("increment", counters -> counters.incrementInMonitor(0));
    Operation<Counters> wide =
        Operation.run(
            "wide",
            counters -> {
              for (long offset = 1024; offset < 1280; offset += 8) {
                counters.medium.putLong(offset, 1);
              }
            });
    CrashScenario<Counters> scenario =
        Counters.scenario().thread(increment, wide).thread(set(3, 1), increment);
    CrashExplorer some =
        EXPLORER.withSchedules(60).withExhaustiveLimit(20).withSamples(10).withSeed(3);
    ExplorationReport report = some.explore(scenario);

    assertEquals(report.digest(), some.explore(scenario).digest());
    assertEquals(report.imagesDistinct(), some.explore(scenario).imagesDistinct());
    assertNotEquals(report.digest(), some.withSeed(4).explore(scenario).digest());
  }

  // Settings and strings.

  @Test
  void aReplayThatDoesNotFitIsRefused() {
    CrashScenario<Counters> scenario = Counters.scenario().thread(set(0, 1)).thread(set(1, 1));
    for (String wrong : List.of("words#a@0:", "words~1@0:", "words~@0:", "words#1-@0:1")) {
      assertThrows(IllegalArgumentException.class, () -> EXPLORER.replay(wrong, scenario), wrong);
    }
    assertThrows(IllegalStateException.class, () -> EXPLORER.replay("words@99:", scenario));
    assertThrows(IllegalStateException.class, () -> EXPLORER.replay("words~2>7@0:1", scenario));
    assertEquals(1, EXPLORER.replay("words#0@0:1", scenario).imagesDistinct());
    String all = "words#0-1.3~2>1.7>0@1:1.0*3/2:1";
    assertEquals(all, ReplayPath.parse(all).toString());
  }

  @Test
  void wrongScenariosAreRefused() {
    CrashScenario<Counters> three =
        Counters.scenario().thread(set(0, 1)).thread(set(1, 1)).thread(set(2, 1));
    assertThrows(IllegalArgumentException.class, () -> three.thread(set(3, 1)));
    assertThrows(IllegalArgumentException.class, () -> Counters.scenario().thread());
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withPreemptions(-1));
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withPreemptions(9));
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withSchedules(0));
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withShrinking(-1));
    IllegalStateException broken =
        assertThrows(
            IllegalStateException.class,
            () ->
                EXPLORER.explore(
                    Counters.scenario()
                        .withModel(
                            () -> {
                              throw new java.io.IOException("no model");
                            })
                        .thread(set(0, 1))));
    assertEquals("no model", Objects.requireNonNull(broken.getCause()).getMessage());
  }

  @Test
  void errorsOfOperationsAreFailuresEvenIfTheModelHasThem() {
    CrashScenario<Counters> scenario =
        Counters.scenario()
            .thread(
                set(0, 1), Operation.run("asserts", counters -> assertEquals(2, counters.get(0))));
    CrashTestFailure failure = failure(EXPLORER, scenario);
    assertContains("no order of the operations explains", failure.getMessage());
    assertContains("asserts: acknowledged, threw org.opentest4j.Assert", failure.getMessage());
    replayed(EXPLORER, failure, scenario);

    Operation<Counters> throwing =
        Operation.run("throws", counters -> Objects.requireNonNull(null, "always null"));
    EXPLORER.explore(Counters.scenario().thread(set(0, 1), throwing)); // the model says so
    CrashScenario<Counters> stateless =
        CrashScenario.of(Counters::new, Counters::new).thread(set(0, 1), throwing);
    CrashTestFailure stateLess = failure(EXPLORER, stateless);
    assertContains("an operation threw java.lang.NullPointerException", stateLess.getMessage());
    assertContains("with 1 of 2 operations", stateLess.getMessage());
    EXPLORER.explore(stateless.withRefusal(NullPointerException.class));
  }

  @Test
  void statesThatAreNoCopiesAreRefused() {
    List<Object> shared = new ArrayList<>();
    CrashScenario<Counters> scenario = Counters.scenario().thread(set(0, 1), set(0, 2));
    assertRefused(
        "has changed since",
        scenario.withState(
            counters -> {
              shared.clear();
              shared.add(counters.values());
              return shared;
            }));
    assertRefused("is not equal", scenario.withState(counters -> new long[] {counters.get(0)}));
    assertRefused("returned null", scenario.withState(CrashScenarioTest::nullState));
  }

  @SuppressWarnings("NullAway") // on purpose
  private static Object nullState(Counters counters) {
    return null;
  }

  private static void assertRefused(String why, CrashScenario<?> scenario) {
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> EXPLORER.explore(scenario));
    assertContains(why, Objects.requireNonNull(refused.getMessage()));
  }

  @Test
  void scenariosThatDoNothingAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.explore(Counters.scenario()));
    assertThrows(
        IllegalArgumentException.class,
        () -> EXPLORER.explore(Counters.scenario().prepare(set(0, 1))));
  }

  @Test
  void aCheckThatHangsIsTheFailureOfWhoeverInterruptsIt() throws InterruptedException {
    CrashScenario<Counters> scenario =
        CrashScenario.of(Counters::new, Counters::new)
            .withVerify(
                counters -> {
                  if (counters.get(0) == 2) {
                    new CountDownLatch(1).await();
                  }
                });
    assertHangsAtTwo(scenario.thread(set(0, 1), set(0, 2), set(0, 3)));
    assertHangsAtTwo(scenario.thread(set(0, 1), set(0, 2)).thread(set(1, 1)));
  }

  private static void assertHangsAtTwo(CrashScenario<Counters> scenario)
      throws InterruptedException {
    AtomicReference<@Nullable CrashTestFailure> found = new AtomicReference<>();
    Thread explores = Thread.ofPlatform().start(() -> found.set(failure(EXPLORER, scenario)));
    explores.join(300);
    assertTrue(explores.isAlive(), "it does not hang");
    explores.interrupt();
    explores.join(20_000);
    CrashTestFailure failure = Objects.requireNonNull(found.get(), "it hangs on");
    assertContains("java.lang.InterruptedException", failure.getMessage());
    assertEquals(2, failure.image().word(0));
  }
}
