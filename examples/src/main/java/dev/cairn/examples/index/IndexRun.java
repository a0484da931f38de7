package dev.cairn.examples.index;

import dev.cairn.examples.command.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds an index with one {@link IndexWorker} after the other, killing all but the last.
 *
 * <p>Checks of each successor that nothing acknowledged is missing: the index that it opens must
 * contain each file that its predecessors reported as added, and beyond those at most the one that
 * was being added when the predecessor was killed.
 */
final class IndexRun {
  /** Assumed until a worker has added its first file. */
  private static final long USUAL_FILE_NANOS = 1_000_000;

  /**
   * What a run did and took, as far as workers lived to tell.
   *
   * @param filesAdded reported as added
   * @param updates in these files
   * @param storeNanos spent in adding
   * @param workNanos spent in reading, cutting and adding
   * @param wallNanos from the start of the first worker to the end of the last
   * @param killsWhileAdding how many of the kills came while a file was being added
   * @param reopenings what each successor of a killed worker reported
   */
  record Result(
      long filesAdded,
      long updates,
      long storeNanos,
      long workNanos,
      long wallNanos,
      int killsWhileAdding,
      List<WorkerMessage.Opened> reopenings) {

    /** Returns how many additions had been cut short by kills, and were undone. */
    long undone() {
      return reopenings.stream().mapToLong(WorkerMessage.Opened::undone).sum();
    }
  }

  private final Job job;
  private final int files;
  private final KillPlan plan;
  private final Progress progress;

  private final List<WorkerMessage.Opened> openings = new ArrayList<>();
  private final List<Worker> workers = new ArrayList<>();
  private long filesInIndex;
  private boolean adding;
  private int killsWhileAdding;

  /** What one worker has reported. */
  private static final class Worker {
    long filesAdded;
    WorkerMessage.Added last = new WorkerMessage.Added(0, 0, 0, 0);
  }

  /**
   * Prepares a run.
   *
   * @param files how many files the index will contain
   */
  IndexRun(Job job, int files, KillPlan plan, Progress progress) {
    this.job = job;
    this.files = files;
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Builds the index.
   *
   * @throws DemoFailedException if a worker fails, hangs, or finds less than was acknowledged
   */
  Result run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    boolean finished = false;
    while (!finished) {
      try (WorkerProcess process = WorkerProcess.start(job)) {
        finished = follow(process);
      }
    }
    return result(System.nanoTime() - start);
  }

  /** Follows a worker until it has finished, which is true, or was killed. */
  private boolean follow(WorkerProcess process) throws IOException, InterruptedException {
    workers.add(new Worker());
    while (true) {
      Optional<WorkerMessage> message = process.next();
      if (message.isEmpty()) {
        throw process.failure("ended by itself");
      }
      note(message.get());
      boolean finished = message.get() instanceof WorkerMessage.Finished;
      KillPlan.Kill kill = plan.next();
      if (kill != null && isDue(kill, finished)) {
        pause(kill.delay());
        kill(process);
        return false;
      }
      if (finished) {
        process.dismiss();
        return true;
      }
    }
  }

  /** A delay begins when a file was added. Kills that are left over find a worker that waits. */
  private boolean isDue(KillPlan.Kill kill, boolean finished) {
    return finished || (!adding && filesInIndex >= kill.afterFiles());
  }

  private void note(WorkerMessage message) {
    switch (message) {
      case WorkerMessage.Opened opened -> {
        checkNothingIsMissing(opened.files());
        openings.add(opened);
        filesInIndex = opened.files();
        adding = false;
      }
      case WorkerMessage.Adding() -> adding = true;
      case WorkerMessage.Added added -> {
        workers.getLast().filesAdded++;
        workers.getLast().last = added;
        filesInIndex = added.files();
        adding = false;
      }
      case WorkerMessage.Finished() -> adding = false;
    }
    progress.step(
        "%s: %,d of %,d files, kills: %d"
            .formatted(job.storage(), filesInIndex, files, workers.size() - 1));
  }

  private void checkNothingIsMissing(long found) {
    long most = adding ? filesInIndex + 1 : filesInIndex;
    if (found < filesInIndex || found > most) {
      throw new DemoFailedException(
          "after kill %d the %s contains %,d files; %,d were acknowledged%s"
              .formatted(
                  openings.size(),
                  job.storage(),
                  found,
                  filesInIndex,
                  adding ? ", one more was being added" : ""));
    }
  }

  /** Waits without sleeping: a sleep would round the moment. */
  private void pause(double delay) {
    Worker worker = workers.getLast();
    long fileNanos =
        worker.filesAdded == 0 ? USUAL_FILE_NANOS : worker.last.workNanos() / worker.filesAdded;
    long end = System.nanoTime() + (long) (delay * 2 * fileNanos);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private void kill(WorkerProcess process) throws InterruptedException {
    process.kill();
    plan.taken();
    // It may have said more while it was being killed. That counts: it was acknowledged.
    Optional<WorkerMessage> message = process.next();
    while (message.isPresent()) {
      note(message.get());
      message = process.next();
    }
    if (!process.wasKilled()) {
      throw process.failure("ended by itself");
    }
    if (adding) {
      killsWhileAdding++;
    }
  }

  private Result result(long wallNanos) {
    return new Result(
        workers.stream().mapToLong(worker -> worker.filesAdded).sum(),
        workers.stream().mapToLong(worker -> worker.last.updates()).sum(),
        workers.stream().mapToLong(worker -> worker.last.storeNanos()).sum(),
        workers.stream().mapToLong(worker -> worker.last.workNanos()).sum(),
        wallNanos,
        killsWhileAdding,
        openings.subList(1, openings.size()));
  }
}
