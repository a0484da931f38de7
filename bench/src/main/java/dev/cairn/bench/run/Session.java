package dev.cairn.bench.run;

import dev.cairn.bench.peer.Store;
import dev.cairn.bench.workload.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/**
 * All measurements of one store in one process. The store has the same entries before each pass:
 * what put-new added, remove takes away again, in another order.
 */
public final class Session<K, V> implements AutoCloseable {
  /** Written to, so that nothing that was read can be left out. */
  @SuppressWarnings("unused")
  private static volatile long sink;

  /** What settling may take, times its least time. */
  private static final int LONGEST_SETTLING = 4;

  /** What an operation must gain in a round to be called faster. */
  private static final double FASTER = 1.1;

  private final Store<K, V> store;
  private final Workload<K, V> workload;
  private final Effort effort;
  private final long filled;
  private final ExecutorService pool = Executors.newCachedThreadPool();

  /** Starts with a store that has been {@link #fill filled} with so many entries. */
  public Session(Store<K, V> store, Workload<K, V> workload, Effort effort, long filled) {
    this.store = store;
    this.workload = workload;
    this.effort = effort;
    this.filled = filled;
  }

  /**
   * Puts the entries that are always there, and returns how many they are: fewer than asked for if
   * the time is over.
   */
  public static <K, V> long fill(Store<K, V> store, Workload<K, V> workload, Effort effort) {
    Filling<K, V> entries = new Filling<>(workload, effort);
    store.putAll(() -> entries);
    return entries.next;
  }

  /** Entries in the order of their numbers, as long as there is time. */
  private static final class Filling<K, V> implements Iterator<Map.Entry<K, V>> {
    private static final long CLOCK_INTERVAL = 64;

    private final Workload<K, V> workload;
    private final long end;
    private long last;
    private long next;

    Filling(Workload<K, V> workload, Effort effort) {
      this.workload = workload;
      this.end = System.nanoTime() + effort.fillMillis() * 1_000_000L;
      this.last = effort.entries();
    }

    @Override
    public boolean hasNext() {
      if (next > 0 && next % CLOCK_INTERVAL == 0 && System.nanoTime() > end) {
        last = next;
      }
      return next < last;
    }

    @Override
    public Map.Entry<K, V> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      long number = next++;
      return Map.entry(workload.key().apply(number), workload.value().apply(number));
    }
  }

  /** Measures everything, and tells each figure as soon as it is there. */
  public void run(Consumer<Measurement> found) throws InterruptedException, ExecutionException {
    for (int threads : effort.threads()) {
      Team team = new Team(threads);
      // What the compiler has left out, since one thread never came there, comes now.
      team.settle();
      team.measure(List.of(Operation.PUT_NEW, Operation.REMOVE), found);
      team.measure(List.of(Operation.REPLACE), found);
      team.measure(List.of(Operation.GET), found);
      team.measure(List.of(Operation.SCAN), found);
      team.measure(List.of(Operation.TRANSFER), found);
    }
  }

  @Override
  public void close() {
    pool.shutdown();
  }

  /** Threads that do the same at the same time. */
  private final class Team {
    private final List<OperationThread<K, V>> members = new ArrayList<>();

    Team(int threads) {
      for (int i = 0; i < threads; i++) {
        members.add(new OperationThread<>(store, workload, filled, i, threads));
      }
    }

    /**
     * Runs all operations in turn, for a while, and then until none of them gets faster any more,
     * but not for ever: those with much code take long to be compiled.
     */
    void settle() throws InterruptedException, ExecutionException {
      Map<Operation, Double> best = new EnumMap<>(Operation.class);
      long begin = System.nanoTime();
      long least = effort.settleMillis() * 1_000_000L;
      int quietRounds = 0;
      for (long spent = 0;
          spent < least || (quietRounds < 2 && spent < LONGEST_SETTLING * least);
          spent = System.nanoTime() - begin) {
        quietRounds++;
        for (Operation operation : Operation.values()) {
          double perSecond = 0;
          for (var share : pass(operation, effort.warmupMillis() * 1_000_000L / 2)) {
            perSecond += share.operations() * 1e9 / share.nanos();
          }
          double before = best.getOrDefault(operation, 0.0);
          if (perSecond > FASTER * before) {
            quietRounds = 0;
          }
          best.put(operation, Math.max(before, perSecond));
        }
      }
    }

    /** Measures operations that alternate. */
    void measure(List<Operation> operations, Consumer<Measurement> found)
        throws InterruptedException, ExecutionException {
      long end = System.nanoTime() + effort.warmupMillis() * 1_000_000L;
      do {
        for (Operation operation : operations) {
          pass(operation, effort.warmupMillis() * 1_000_000L / 2);
        }
      } while (System.nanoTime() < end);
      double[][] perSecond = new double[operations.size()][effort.iterations()];
      long[] done = new long[operations.size()];
      long[] allocated = new long[operations.size()];
      for (int iteration = 0; iteration < effort.iterations(); iteration++) {
        for (int i = 0; i < operations.size(); i++) {
          var shares = pass(operations.get(i), effort.iterationMillis() * 1_000_000L);
          for (var share : shares) {
            perSecond[i][iteration] += share.operations() * 1e9 / share.nanos();
            done[i] += share.operations();
            allocated[i] += share.allocatedBytes();
          }
        }
      }
      for (int i = 0; i < operations.size(); i++) {
        Operation operation = operations.get(i);
        Measurement.Latency latency = operation == Operation.SCAN ? null : latencies(operation);
        found.accept(
            new Measurement(
                operation,
                members.size(),
                filled,
                Arrays.stream(perSecond[i]).boxed().toList(),
                done[i],
                (double) allocated[i] / done[i],
                latency));
      }
    }

    private List<OperationThread.Share> pass(Operation operation, long nanos)
        throws InterruptedException, ExecutionException {
      long most = most(operation);
      return together(i -> members.get(i).run(operation, nanos, most));
    }

    private Measurement.Latency latencies(Operation operation)
        throws InterruptedException, ExecutionException {
      Histogram[] histograms = new Histogram[members.size()];
      Arrays.setAll(histograms, i -> OperationThread.newHistogram());
      long nanos = effort.latencyMillis() * 1_000_000L;
      long most = most(operation);
      together(i -> members.get(i).runTimed(operation, nanos, most, histograms[i]));
      Histogram all = OperationThread.newHistogram();
      for (Histogram histogram : histograms) {
        all.add(histogram);
      }
      return new Measurement.Latency(
          all.getValueAtPercentile(50),
          all.getValueAtPercentile(99),
          all.getValueAtPercentile(99.9),
          all.getTotalCount());
    }

    private long most(Operation operation) {
      return operation == Operation.PUT_NEW
          ? Math.max(1, effort.addedAtMost() / members.size())
          : Long.MAX_VALUE;
    }

    private List<OperationThread.Share> together(IntFunction<OperationThread.Share> member)
        throws InterruptedException, ExecutionException {
      CyclicBarrier start = new CyclicBarrier(members.size());
      List<Future<OperationThread.Share>> futures = new ArrayList<>();
      for (int i = 0; i < members.size(); i++) {
        int index = i;
        Callable<OperationThread.Share> task =
            () -> {
              start.await();
              return member.apply(index);
            };
        futures.add(pool.submit(task));
      }
      List<OperationThread.Share> shares = new ArrayList<>();
      for (var future : futures) {
        OperationThread.Share share = future.get();
        sink = share.sum();
        shares.add(share);
      }
      return shares;
    }
  }
}
