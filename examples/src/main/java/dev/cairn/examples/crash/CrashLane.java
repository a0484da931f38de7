package dev.cairn.examples.crash;

import dev.cairn.crashtest.kill.JvmCommand;
import dev.cairn.crashtest.kill.KillFailure;
import dev.cairn.crashtest.kill.KillFinding;
import dev.cairn.crashtest.kill.KillHarness;
import dev.cairn.crashtest.kill.KillMoment;
import dev.cairn.crashtest.kill.KillMoment.Place;
import dev.cairn.crashtest.kill.KillPlan;
import dev.cairn.crashtest.kill.KilledChild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Kills workers, one after the other, on one heap, which is begun anew now and then. */
final class CrashLane {
  /** How many kills a heap lives through, on average. */
  private static final int KILLS_PER_HEAP = 10;

  /** What making a heap and its collections takes, about; and opening one; and a while of work. */
  private static final int FENCES_OF_CREATION = 90;

  private static final int FENCES_OF_OPENING = 10;
  private static final int FENCES_OF_WORK = 3000;
  private static final int FENCES_OF_SYNCED_WORK = 300;

  private static final Duration LONGEST_START = Duration.ofMillis(400);
  private static final Duration LONGEST_WORK = Duration.ofMillis(200);

  /** A worker that has not come so far is taken to hang; a loaded machine is slow, too. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final CrashJob job;
  private final Path copy;
  private final CrashTotals totals;
  private final Random choices;
  private final KillPlan creation = at(1, FENCES_OF_CREATION);
  private final KillPlan opening = at(1, FENCES_OF_OPENING);
  private final KillPlan workAtEvent;
  private final KillPlan start = KillPlan.afterStart(Duration.ZERO, LONGEST_START);
  private final KillPlan workAtRandom = KillPlan.afterLine(CrashWorker.WORKING, LONGEST_WORK);
  private Audit audit;
  private boolean isNew = true;

  /**
   * Prepares a lane.
   *
   * @param scratch where copies of the heap can be
   */
  CrashLane(CrashJob job, Path scratch, CrashTotals totals) {
    this.job = job;
    this.copy = scratch.resolve(job.journals().getFileName() + ".copy");
    this.totals = totals;
    this.choices = new Random(job.seed());
    this.audit = new Audit(job, copy);
    this.workAtEvent = at(FENCES_OF_OPENING, job.sync() ? FENCES_OF_SYNCED_WORK : FENCES_OF_WORK);
  }

  /** As many flushes as fences is a good guess: there are more. */
  private static KillPlan at(long least, long most) {
    return KillPlan.anyOf(
        KillPlan.at(Place.BEFORE_FENCE, least, most),
        KillPlan.at(Place.AFTER_FENCE, least, most),
        KillPlan.at(Place.BEFORE_FLUSH, least, most));
  }

  /**
   * Kills until there were enough kills, the time is over, or something is wrong.
   *
   * @return what is wrong, if anything
   */
  @Nullable KillFailure run(int kills, Duration duration) throws IOException, InterruptedException {
    return KillHarness.of(JvmCommand.of(CrashWorker.class).withArguments(job.arguments()))
        .withPlan(this::draw)
        .withPreparation(this::prepare)
        .withKills(kills)
        .withDuration(duration)
        .withLimit(LIMIT)
        .withSeed(job.seed())
        .run(this::check)
        .failure();
  }

  private void prepare(int round) throws IOException {
    if (round > 0 && choices.nextInt(KILLS_PER_HEAP) == 0) {
      remove();
      audit = new Audit(job, copy);
      isNew = true;
      totals.addHeap();
    }
  }

  /**
   * A new heap is as often killed while it is made as later, one that exists while it is opened.
   */
  private KillMoment draw(int round, RandomGenerator random) {
    int hundredth = random.nextInt(100);
    KillPlan plan;
    if (hundredth < 4) {
      plan = start;
    } else if (hundredth < (isNew ? 55 : 25)) {
      plan = isNew ? creation : opening;
    } else if (hundredth < 65) {
      plan = workAtEvent;
    } else {
      plan = workAtRandom;
    }
    return plan.draw(round, random);
  }

  private KillFinding check(KilledChild killed) throws IOException {
    Phase phase = Phase.of(killed.lines(), isNew);
    isNew = isNew && phase != Phase.WORKING;
    Audit.Result result = audit.run();
    totals.add(killed.moment(), phase, result);
    return new KillFinding(result.opening(), result.acknowledged());
  }

  /** Removes the heap and its journals. */
  private void remove() throws IOException {
    Files.deleteIfExists(job.heap());
    for (int thread = 0; thread < job.threads(); thread++) {
      Files.deleteIfExists(job.journal(thread));
    }
  }

  Path heap() {
    return job.heap();
  }
}
