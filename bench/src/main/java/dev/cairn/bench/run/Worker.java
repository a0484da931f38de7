package dev.cairn.bench.run;

import dev.cairn.bench.peer.CairnStore;
import dev.cairn.bench.peer.Store;
import dev.cairn.bench.workload.Workload;
import dev.cairn.heap.HeapOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;

/**
 * The process that is measured: one store of one peer, so that no other peer's classes have shaped
 * the compiled code. Ends when its standard input does, that is with its parent.
 */
public final class Worker {
  /** Calls of which the fences are counted: an average of so many does not change with more. */
  private static final long MOST_COUNTED = 50_000;

  private Worker() {}

  /**
   * Carries out an order.
   *
   * @param args the order, as JSON
   */
  public static void main(String[] args) throws Exception {
    endWithParent();
    Order order = Reply.read(args[0], Order.class);
    carryOut(order, Workload.named(order.workload()));
    System.out.flush();
    System.exit(0); // libraries leave threads behind
  }

  private static void endWithParent() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is ever said.
                }
              } catch (IOException e) {
                // The same as the end.
              }
              Runtime.getRuntime().halt(1);
            });
  }

  private static <K, V> void carryOut(Order order, Workload<K, V> workload)
      throws IOException, InterruptedException, ExecutionException {
    switch (order.task()) {
      case MEASURE -> measure(order, workload);
      case WRITE_UNTIL_KILLED -> writeUntilKilled(order, workload);
      case REOPEN -> reopen(order, workload);
      case COUNT_FENCES -> countFences(order, workload);
      case MEASURE_DRIVER -> measure(new DriverStore<>(workload), order, workload);
    }
  }

  private static <K, V> Store<K, V> open(Order order, Workload<K, V> workload) throws IOException {
    return order.peer().open(Path.of(order.directory()), workload, order.effort().capacity());
  }

  private static <K, V> void measure(Order order, Workload<K, V> workload)
      throws IOException, InterruptedException, ExecutionException {
    try (Store<K, V> store = open(order, workload)) {
      measure(store, order, workload);
    }
  }

  private static <K, V> void measure(Store<K, V> store, Order order, Workload<K, V> workload)
      throws InterruptedException, ExecutionException {
    long filled = Session.fill(store, workload, order.effort());
    try (Session<K, V> session = new Session<>(store, workload, order.effort(), filled)) {
      session.run(measurement -> Reply.of(measurement).say());
    }
  }

  private static <K, V> void writeUntilKilled(Order order, Workload<K, V> workload)
      throws IOException, InterruptedException {
    try (Store<K, V> store = open(order, workload)) {
      long entries = Session.fill(store, workload, order.effort());
      long bytes = Scratch.bytesOnStorage(Path.of(order.directory()));
      Reply.ofBytesPerEntry((double) bytes / entries).say();
      Reply.ofFilled(entries).say();
      SplittableRandom random = new SplittableRandom(1);
      while (true) {
        long number = random.nextLong(entries);
        store.put(workload.key().apply(number), workload.value().apply(number));
      }
    }
  }

  private static <K, V> void reopen(Order order, Workload<K, V> workload) throws IOException {
    long number = order.filled() / 2;
    K key = workload.key().apply(number);
    long start = System.nanoTime();
    try (Store<K, V> store = open(order, workload)) {
      V value = store.get(key);
      long nanos = System.nanoTime() - start;
      if (value == null || workload.amount().applyAsLong(value) != number) {
        throw new IllegalStateException("an entry that was put is not there, or not whole");
      }
      Reply.ofOpening(nanos).say();
    }
  }

  private static <K, V> void countFences(Order order, Workload<K, V> workload) throws IOException {
    List<CountingMedium> media = new ArrayList<>();
    HeapOptions options =
        HeapOptions.defaults()
            .withMediumDecorator(
                medium -> {
                  media.add(new CountingMedium(medium));
                  return media.getLast();
                });
    long calls = Math.min(MOST_COUNTED, order.effort().addedAtMost());
    try (Store<K, V> store = CairnStore.open(Path.of(order.directory()), workload, options)) {
      long entries = Session.fill(store, workload, order.effort());
      OperationThread<K, V> thread = new OperationThread<>(store, workload, entries, 0, 1);
      for (Operation operation :
          List.of(
              Operation.PUT_NEW,
              Operation.REPLACE,
              Operation.GET,
              Operation.TRANSFER,
              Operation.REMOVE)) {
        CountingMedium medium = media.getFirst();
        medium.reset();
        long done = thread.run(operation, Long.MAX_VALUE / 2, calls).operations();
        Reply.of(
                new FenceCount(
                    operation, (double) medium.fences() / done, (double) medium.lines() / done))
            .say();
      }
    }
  }
}
