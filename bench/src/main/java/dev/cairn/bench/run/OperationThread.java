package dev.cairn.bench.run;

import com.sun.management.ThreadMXBean;
import dev.cairn.bench.peer.Store;
import dev.cairn.bench.workload.Workload;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One thread's share of a pass: calls an operation until the time or the keys are used up. For
 * throughput the clock is read once for many calls, for latencies before and after each call.
 */
final class OperationThread<K, V> {
  private static final long LONGEST_NANOS = 60_000_000_000L;
  private static final long BLOCK_NANOS = 20_000;
  private static final int LARGEST_BLOCK = 256;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Store<K, V> store;
  private final Workload<K, V> workload;
  private final long entries;
  private final int index;
  private final int threads;
  private final SplittableRandom random;

  /** How many entries this thread has added, and not removed. */
  private long added;

  /** What was read, so that reading it cannot be left out. */
  private long sum;

  OperationThread(
      Store<K, V> store, Workload<K, V> workload, long entries, int index, int threads) {
    this.store = store;
    this.workload = workload;
    this.entries = entries;
    this.index = index;
    this.threads = threads;
    this.random = new SplittableRandom(index + 1);
  }

  /** What a pass came to. */
  record Share(long operations, long nanos, long allocatedBytes, long sum) {}

  /** Runs for a time, or until a number of keys is used up, whichever comes first. */
  Share run(Operation operation, long nanos, long most) {
    long allocated = THREADS.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    long end = start + nanos;
    long limit = operation == Operation.REMOVE ? added : most;
    long done = operation == Operation.SCAN ? scan(end) : calls(operation, end, limit);
    long stop = System.nanoTime();
    long allocatedBytes = THREADS.getCurrentThreadAllocatedBytes() - allocated;
    count(operation, done);
    return new Share(done, stop - start, allocatedBytes, sum);
  }

  private long calls(Operation operation, long end, long limit) {
    boolean toTheLast = operation == Operation.REMOVE;
    long stride = stride(limit);
    long done = 0;
    int block = 1;
    long now = System.nanoTime();
    while (done < limit && (toTheLast || now < end)) {
      long last = Math.min(limit, done + block);
      for (; done < last; done++) {
        call(operation, done, limit, stride);
      }
      long then = now;
      now = System.nanoTime();
      if (now - then < BLOCK_NANOS && block < LARGEST_BLOCK) {
        block *= 2;
      }
    }
    return done;
  }

  /** The same, with the time of each call. */
  Share runTimed(Operation operation, long nanos, long most, Histogram latencies) {
    long start = System.nanoTime();
    long end = start + nanos;
    long limit = operation == Operation.REMOVE ? added : most;
    boolean toTheLast = operation == Operation.REMOVE;
    long stride = stride(limit);
    long done = 0;
    long after = start;
    while (done < limit && (toTheLast || after < end)) {
      long before = System.nanoTime();
      call(operation, done, limit, stride);
      after = System.nanoTime();
      latencies.recordValue(Math.clamp(after - before, 1, LONGEST_NANOS));
      done++;
    }
    count(operation, done);
    return new Share(done, after - start, 0, sum);
  }

  static Histogram newHistogram() {
    return new Histogram(LONGEST_NANOS, 3);
  }

  private void count(Operation operation, long done) {
    if (operation == Operation.PUT_NEW) {
      added += done;
    } else if (operation == Operation.REMOVE) {
      added -= done;
    }
  }

  /** Returns a step that visits all numbers below the limit, in an order of its own. */
  private static long stride(long limit) {
    long stride = Math.max(1, (long) (limit * 0.618));
    while (gcd(stride, limit) > 1) {
      stride++;
    }
    return stride;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private void call(Operation operation, long number, long limit, long stride) {
    switch (operation) {
      case PUT_NEW -> {
        long key = own(number);
        store.put(workload.key().apply(key), workload.value().apply(key));
      }
      case REPLACE -> store.put(randomKey(), workload.value().apply(number));
      case GET -> sum += amount(store.get(randomKey()));
      case REMOVE -> store.remove(workload.key().apply(own(number * stride % limit)));
      case TRANSFER -> transfer();
      case SCAN -> throw new IllegalArgumentException("a scan is one call for all entries");
    }
  }

  private long own(long number) {
    return entries + index + number * threads;
  }

  private K randomKey() {
    return workload.key().apply(random.nextLong(entries));
  }

  private long amount(@Nullable V value) {
    if (value == null) {
      throw new IllegalStateException("an entry that was put is not there");
    }
    return workload.amount().applyAsLong(value);
  }

  private void transfer() {
    long source = random.nextLong(entries);
    long target = random.nextLong(entries - 1);
    target += target >= source ? 1 : 0;
    store.transfer(workload.key().apply(source), workload.key().apply(target), 1);
  }

  private long scan(long end) {
    long[] seen = new long[1];
    while (System.nanoTime() < end) {
      long before = seen[0];
      if (workload.isSorted()) {
        long last = before + workload.range();
        store.scan(
            randomKey(),
            (key, value) -> {
              sum += workload.amount().applyAsLong(value);
              return ++seen[0] < last;
            });
      } else {
        store.scan(
            null,
            (key, value) -> {
              sum += workload.amount().applyAsLong(value);
              return (++seen[0] & 255) != 0 || System.nanoTime() < end;
            });
      }
      if (seen[0] == before) {
        throw new IllegalStateException("a scan saw no entry");
      }
    }
    return seen[0];
  }
}
