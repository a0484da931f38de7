package dev.cairn.crashtest.kill;

import dev.cairn.crashtest.kill.KillMoment.AfterLine;
import dev.cairn.crashtest.kill.KillMoment.AfterStart;
import dev.cairn.crashtest.kill.KillReport.Survival;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program in a JVM of its own, kills it with SIGKILL, has a check look at what it left, and
 * so on, with the same files, until there were enough kills.
 *
 * {@snippet file="dev/cairn/crashtest/kill/KillHarnessTest.java" region="harness"}
 *
 * <p>The program works until it is killed, and acknowledges what is durable: on its standard
 * output, or in a file. One that ends by itself, dies of another cause, or does not come to the
 * moment of its kill within a {@linkplain #withLimit limit} is a failure, and what it wrote is in
 * the report. The first failure ends the run, so that whatever it left can be looked at.
 *
 * <p>No program survives the run, or this JVM; see {@link ChildJvm}.
 *
 * <p>Immutable. Several runs may go on at once, on different files: a way to use several cores.
 */
public final class KillHarness {
  private static final int DEFAULT_KILLS = 20;
  private static final int LINES_REPORTED = 200;
  private static final long LAST_WORDS_NANOS = 2_000_000_000;

  private final Settings settings;

  /** Everything that can be chosen. Never changed once a harness holds it. */
  private static final class Settings {
    JvmCommand command;
    KillPlan plan = KillPlan.afterStart(Duration.ofMillis(100), Duration.ofMillis(1000));
    Preparation preparation = round -> {};
    Consumer<Survival> listener = survival -> {};
    int kills = DEFAULT_KILLS;
    Duration duration = Duration.ofDays(365);
    Duration limit = Duration.ofSeconds(60);
    long seed = Long.getLong("cairn.crashtest.seed", 1);

    Settings(JvmCommand command) {
      this.command = command;
    }

    Settings(Settings other) {
      command = other.command;
      plan = other.plan;
      preparation = other.preparation;
      listener = other.listener;
      kills = other.kills;
      duration = other.duration;
      limit = other.limit;
      seed = other.seed;
    }
  }

  /** Done before each start of the program. */
  @FunctionalInterface
  public interface Preparation {

    /**
     * Prepares a round: removes files, say, to begin anew.
     *
     * @param round counts the kills from 0
     * @throws IOException if that is not possible: the run ends with it
     */
    void prepare(int round) throws IOException;
  }

  private KillHarness(Settings settings) {
    this.settings = settings;
  }

  /**
   * Creates a harness with the defaults: 20 kills, each 0.1 to 1 s after the start, drawn by the
   * seed in the system property {@code cairn.crashtest.seed}, or 1.
   *
   * @param command the program to kill
   * @return the harness
   */
  public static KillHarness of(JvmCommand command) {
    return new KillHarness(new Settings(Objects.requireNonNull(command)));
  }

  /**
   * Sets when to kill.
   *
   * @param plan draws a moment for each kill
   * @return the changed harness
   */
  public KillHarness withPlan(KillPlan plan) {
    return with(to -> to.plan = Objects.requireNonNull(plan));
  }

  /**
   * Sets how often to kill.
   *
   * @param kills at least 0
   * @return the changed harness
   */
  public KillHarness withKills(int kills) {
    if (kills < 0) {
      throw new IllegalArgumentException("kills %d: expected at least 0".formatted(kills));
    }
    return with(to -> to.kills = kills);
  }

  /**
   * Sets how long to go on, even if there were fewer kills then: a round that has begun is
   * finished.
   *
   * @param duration of the whole run
   * @return the changed harness
   */
  public KillHarness withDuration(Duration duration) {
    return with(to -> to.duration = Objects.requireNonNull(duration));
  }

  /**
   * Sets how long a program may take from its start to the moment of its kill. One that takes
   * longer fails the run, and a dump of its threads is in the report.
   *
   * @param limit longer than any delay of the plan
   * @return the changed harness
   */
  public KillHarness withLimit(Duration limit) {
    return with(to -> to.limit = Objects.requireNonNull(limit));
  }

  /**
   * Sets what moments are drawn by.
   *
   * @param seed any number
   * @return the changed harness
   */
  public KillHarness withSeed(long seed) {
    return with(to -> to.seed = seed);
  }

  /**
   * Sets what is done before each start.
   *
   * @param preparation called with the number of the round
   * @return the changed harness
   */
  public KillHarness withPreparation(Preparation preparation) {
    return with(to -> to.preparation = Objects.requireNonNull(preparation));
  }

  /**
   * Sets who is told of each kill that was survived, to show progress.
   *
   * @param listener called after the check, by the thread that runs the harness
   * @return the changed harness
   */
  public KillHarness withListener(Consumer<Survival> listener) {
    return with(to -> to.listener = Objects.requireNonNull(listener));
  }

  private KillHarness with(Consumer<Settings> change) {
    Settings changed = new Settings(settings);
    change.accept(changed);
    return new KillHarness(changed);
  }

  /**
   * Kills the program until there were enough kills, the time is over, or something fails.
   *
   * @param check looks at what each kill left
   * @return what was done; with the failure, if there was one
   * @throws IOException if a JVM cannot be started, or the preparation throws it
   * @throws InterruptedException if this thread is interrupted; no program runs any more
   */
  public KillReport run(KillCheck check) throws IOException, InterruptedException {
    Objects.requireNonNull(check);
    Random random = new Random(settings.seed);
    List<Survival> survivals = new ArrayList<>();
    KillFailure failure = null;
    long start = System.nanoTime();
    while (failure == null
        && survivals.size() < settings.kills
        && System.nanoTime() - start < nanos(settings.duration)) {
      int round = survivals.size();
      settings.preparation.prepare(round);
      KillMoment moment = settings.plan.draw(round, random);
      failure = new Round(round, moment).play(check, survivals);
    }
    return new KillReport(settings.seed, survivals, failure);
  }

  /** One program, from its start to the check. */
  private final class Round {
    private final int round;
    private final KillMoment moment;
    private final List<String> lines = new ArrayList<>();

    Round(int round, KillMoment moment) {
      this.round = round;
      this.moment = moment;
    }

    /** Adds to the survivals, or returns why it cannot. */
    @Nullable KillFailure play(KillCheck check, List<Survival> survivals)
        throws IOException, InterruptedException {
      KilledChild killed;
      long start = System.nanoTime();
      try (ChildJvm child = ChildJvm.start(command())) {
        KillFailure failure = awaitMoment(child, start);
        if (failure == null) {
          failure = kill(child);
        }
        if (failure != null) {
          return failure;
        }
        killed = new KilledChild(round, moment, Duration.ofNanos(System.nanoTime() - start), lines);
      }
      KillFinding finding;
      try {
        finding = check.check(killed);
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | AssertionError | StackOverflowError e) {
        return new KillFailure(
            round, moment, "the check refused what was left: " + e, e, last(lines));
      }
      Survival survival = new Survival(moment, killed.lived(), finding);
      survivals.add(survival);
      settings.listener.accept(survival);
      return null;
    }

    private JvmCommand command() {
      return settings.command.withJvmOptions(KillPoint.jvmOptions(moment).toArray(String[]::new));
    }

    /** Returns null at the moment, or why it does not come. */
    private @Nullable KillFailure awaitMoment(ChildJvm child, long start)
        throws InterruptedException {
      long limit = start + nanos(settings.limit);
      boolean known = moment instanceof AfterStart;
      long end = moment instanceof AfterStart(Duration delay) ? start + delay.toNanos() : limit;
      while (true) {
        switch (child.next(Math.max(0, end - System.nanoTime()))) {
          case ChildJvm.Event.Silence() -> {
            return known ? null : tooLate(child);
          }
          case ChildJvm.Event.End() -> {
            return endedByItself(child);
          }
          case ChildJvm.Event.Line(String line) -> {
            if (note(line)) {
              return null;
            }
            if (!known && moment instanceof AfterLine(var pattern, Duration delay)) {
              known = pattern.matcher(line).find();
              end = known ? System.nanoTime() + delay.toNanos() : end;
            }
          }
        }
        if (System.nanoTime() - end >= 0) {
          return known ? null : tooLate(child);
        }
      }
    }

    /** Keeps a line, unless it is the child's word that it waits for its death, which is true. */
    private boolean note(String line) {
      if (!line.equals(KillPoint.HELD)) {
        lines.add(line);
        return false;
      }
      if (!lines.isEmpty() && lines.getLast().isEmpty()) {
        lines.removeLast(); // What it began its line with.
      }
      return true;
    }

    /** Returns null if the child died of this kill. What it had said until then, it said. */
    private @Nullable KillFailure kill(ChildJvm child) throws InterruptedException {
      child.kill();
      drain(child, Long.MAX_VALUE);
      return child.wasKilled() ? null : endedByItself(child);
    }

    /** Notes what the child still says, until it has been silent for a while, or for so long. */
    private void drain(ChildJvm child, long nanos) throws InterruptedException {
      long start = System.nanoTime();
      while (System.nanoTime() - start < nanos
          && child.next(LAST_WORDS_NANOS) instanceof ChildJvm.Event.Line(String line)) {
        note(line);
      }
    }

    private KillFailure tooLate(ChildJvm child) throws InterruptedException {
      child.requestThreadDump();
      drain(child, LAST_WORDS_NANOS); // It may never stop to say something.
      child.kill();
      drain(child, Long.MAX_VALUE);
      String what =
          "did not come to this moment within %d s, and was killed with its threads as below"
              .formatted(settings.limit.toSeconds());
      return failure(child, what);
    }

    private KillFailure endedByItself(ChildJvm child) throws InterruptedException {
      if (!child.waitFor(Duration.ofNanos(LAST_WORDS_NANOS))) {
        child.kill();
        return failure(child, "the program closed its standard output, and was killed for it");
      }
      return failure(child, "the program ended by itself, with exit code " + child.exitCode());
    }

    private KillFailure failure(ChildJvm child, String what) throws InterruptedException {
      List<String> output = new ArrayList<>(last(lines));
      output.addAll(child.errors());
      return new KillFailure(round, moment, what, null, output);
    }
  }

  /** Saturates: a user may say "for ever" with any number. */
  private static long nanos(Duration duration) {
    return TimeUnit.NANOSECONDS.convert(duration);
  }

  private static List<String> last(List<String> lines) {
    return lines.subList(Math.max(0, lines.size() - LINES_REPORTED), lines.size());
  }
}
