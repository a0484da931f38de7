package dev.cairn.examples.crash;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.crashtest.kill.KillPoint;
import dev.cairn.tx.TransactionAbortedException;
import dev.cairn.tx.TransactionConflictException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * The process that is killed. Opens the heap, which may be one that nobody has recovered yet, goes
 * on where the journals end, and works until it dies.
 */
final class CrashWorker {
  static final String OPENING = "opening";
  static final String WORKING = "working";

  private final CrashJob job;
  private final Books books;

  private CrashWorker(CrashJob job, Books books) {
    this.job = job;
    this.books = books;
  }

  /** Does the {@link CrashJob} that the arguments say. */
  public static void main(String[] args) throws Exception {
    CrashJob job = CrashJob.of(args);
    System.out.println(OPENING);
    try (PersistentHeap heap =
        PersistentHeap.openOrCreate(job.heap(), KillPoint.arm(job.options()))) {
      Books books = Books.in(heap, job.threads());
      books.openAccounts();
      System.out.println(WORKING);
      new CrashWorker(job, books).run();
    }
  }

  private void run() throws InterruptedException {
    for (int i = 0; i < job.threads(); i++) {
      int thread = i;
      Thread.ofPlatform().name("worker " + thread).start(() -> work(thread));
    }
    new CountDownLatch(1).await(); // Until the kill.
  }

  private void work(int thread) {
    try (Journal journal = Journal.append(job.journal(thread))) {
      for (long number = Journal.count(job.journal(thread)); true; number++) {
        Step step = job.step(thread, number);
        if (job.mistake() == Mistake.EARLY_ACKNOWLEDGEMENT) {
          journal.add(step);
          take(step);
        } else {
          take(step);
          journal.add(step);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  /** Takes the step, and again if it got in the way of another thread's. */
  private void take(Step step) {
    Books used =
        job.mistake() == Mistake.NO_TRANSACTIONS && step.leavesSomething()
            ? books.withoutTransactions()
            : books;
    while (true) {
      try {
        step.takeOn(used);
        return;
      } catch (TransactionConflictException e) {
        // Everything is undone: once more.
      } catch (TransactionAbortedException e) {
        if (!step.leavesSomething() && e.getCause() instanceof Step.AbandonedException) {
          return;
        }
        throw e;
      }
    }
  }
}
