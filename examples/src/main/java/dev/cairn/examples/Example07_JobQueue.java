package dev.cairn.examples;

import dev.cairn.collections.PersistentDeque;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that survive who works on them: each has one result in the end, however often the process is
 * killed.
 *
 * <p>A transaction keeps others from the queue until its end, so the work itself is done between
 * two: one that takes a job and notes that it is being done, one that stores the result.
 */
public final class Example07_JobQueue {
  private static final int WORKERS = 4;

  private final PersistentHeap heap;
  private final PersistentDeque<Long> waiting;
  private final PersistentHashMap<Long, Long> running; // worker to job
  private final PersistentHashMap<Long, Long> results;

  private Example07_JobQueue(PersistentHeap heap) {
    this.heap = heap;
    this.waiting = heap.deque("waiting", Types.LONG);
    this.running = heap.map("running", Types.LONG, Types.LONG);
    this.results = heap.map("results", Types.LONG, Types.LONG);
  }

  /** Runs the example; the argument is a path where nothing is yet. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path path = Path.of(args[0]);
    try (PersistentHeap heap = PersistentHeap.create(path)) {
      Example07_JobQueue queue = new Example07_JobQueue(heap);
      queue.waiting.addAll(LongStream.rangeClosed(1, 1000).boxed().toList());
      queue.take(0); // and then the process ends, in the middle of the work
      queue.take(1);
      System.out.printf("Waiting: %,d, running: %s%n", queue.waiting.size(), queue.running);
    }
    try (PersistentHeap heap = PersistentHeap.open(path)) {
      Example07_JobQueue queue = new Example07_JobQueue(heap);
      queue.takeBack();
      System.out.printf("Waiting, after the restart: %,d%n", queue.waiting.size());
      queue.workAll();
      System.out.printf(
          "Results: %,d, of which %,d say that the number is prime%n",
          queue.results.size(), queue.results.values().stream().filter(x -> x == 1).count());
    }
  }

  /** What a process left unfinished waits again, in front. */
  private void takeBack() {
    heap.transact(
        () -> {
          running.values().forEach(waiting::addFirst);
          running.clear();
        });
  }

  private void workAll() throws InterruptedException {
    Thread[] workers = new Thread[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
      int worker = i;
      workers[i] = Thread.startVirtualThread(() -> work(worker));
    }
    for (Thread worker : workers) {
      worker.join();
    }
  }

  private void work(long worker) {
    try {
      while (waiting.awaitElement(Duration.ofMillis(100))) { // until nothing comes any more
        Long job = take(worker);
        if (job != null) {
          finish(worker, job, countDivisors(job) == 2 ? 1 : 0);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes a job, unless another worker was faster. */
  private @Nullable Long take(long worker) {
    return heap.transact(
        () -> {
          Long job = waiting.pollFirst();
          if (job != null) {
            running.put(worker, job);
          }
          return job;
        });
  }

  private void finish(long worker, long job, long result) {
    heap.transact(
        () -> {
          running.remove(worker, job);
          results.put(job, result);
        });
  }

  private static long countDivisors(long number) {
    return LongStream.rangeClosed(1, number).filter(divisor -> number % divisor == 0).count();
  }
}
