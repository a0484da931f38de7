package dev.cairn.collections;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapOptions;
import dev.cairn.tx.TransactionConflictException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Heaps to test with, and threads to use them from. */
final class TestHeaps {
  static final long MIB = 1L << 20;

  /** Long enough that no test depends on it, short enough that one that hangs ends. */
  static final HeapOptions OPTIONS = HeapOptions.defaults().withLockTimeout(Duration.ofSeconds(60));

  private TestHeaps() {}

  /** A new heap in plain memory. */
  static PersistentHeap inMemory(long size) {
    return PersistentHeap.create(AnonymousMedium.of(size), OPTIONS);
  }

  /** A new heap on a medium. */
  static PersistentHeap on(SimulatedMedium medium) {
    return PersistentHeap.create(medium, OPTIONS);
  }

  /** The heap that would be there if the power went now and everything stored had been kept. */
  static PersistentHeap reopened(SimulatedMedium medium) {
    return PersistentHeap.open(SimulatedMedium.of(medium.newestImage()), OPTIONS);
  }

  /** Null where the compiler does not want to see it. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  static <T> T nothing() {
    return null;
  }

  /** What an exception says. */
  static String message(Throwable thrown) {
    return String.valueOf(thrown.getMessage());
  }

  /** Runs something in another thread, to the end; throws what it threw. */
  static <T> T inOtherThread(Callable<T> action) throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      return executor.submit(action).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** What one of many threads does. */
  @FunctionalInterface
  interface Task {
    void run(int thread) throws Exception;
  }

  /** Runs a task in many threads at once, and waits for all. */
  static void inThreads(int count, Task task) throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(count)) {
      runAll(executor, count, task);
    }
  }

  /** Runs a task in as many virtual threads, and waits for all. */
  static void inVirtualThreads(int count, Task task) throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      runAll(executor, count, task);
    }
  }

  private static void runAll(ExecutorService executor, int count, Task task) throws Exception {
    List<Callable<Boolean>> calls =
        IntStream.range(0, count)
            .<Callable<Boolean>>mapToObj(
                i ->
                    () -> {
                      task.run(i);
                      return true;
                    })
            .toList();
    for (Future<Boolean> future : executor.invokeAll(calls)) {
      future.get();
    }
  }

  /** Runs a transaction until it is not the one that gives up. */
  static void retry(Runnable transaction) {
    while (true) {
      try {
        transaction.run();
        return;
      } catch (TransactionConflictException conflict) {
        Thread.onSpinWait();
      }
    }
  }

  /** The seed of a random test: printed, and taken from a system property. */
  static long seed(String test) {
    long seed = Long.getLong("cairn.seed", System.nanoTime());
    System.out.println(test + ": -Dcairn.seed=" + seed);
    return seed;
  }
}
