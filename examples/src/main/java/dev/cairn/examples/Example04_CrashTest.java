package dev.cairn.examples;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashScenario;
import dev.cairn.crashtest.CrashTestFailure;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Operation;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapOptions;
import java.util.Map;

/**
 * Does a transfer keep the sum of all accounts, whatever the moment of the crash? Tries all
 * moments, and shows how a transfer that was done wrong is found out.
 */
public final class Example04_CrashTest {
  private static final long MEDIUM_BYTES = 2L << 20;
  private static final long SUM = 100L;

  private Example04_CrashTest() {}

  /** The code under test: accounts on a heap. */
  private record Bank(PersistentHeap heap, PersistentHashMap<String, Long> accounts) {
    static Bank create(SimulatedMedium medium) {
      Bank bank = of(PersistentHeap.create(medium, HeapOptions.defaults()));
      bank.accounts.putAll(Map.of("Alice", SUM, "Bob", 0L));
      return bank;
    }

    static Bank recover(SimulatedMedium medium) {
      return of(PersistentHeap.open(medium, HeapOptions.defaults()));
    }

    private static Bank of(PersistentHeap heap) {
      return new Bank(heap, heap.map("accounts", Types.STRING, Types.LONG));
    }

    void transfer(String from, String to, long amount) {
      heap.transact(() -> transferCarelessly(from, to, amount));
    }

    /** Two changes, each of them durable; but what if the power goes between them? */
    void transferCarelessly(String from, String to, long amount) {
      accounts.merge(from, -amount, Long::sum);
      accounts.merge(to, amount, Long::sum);
    }

    void verify() {
      heap.verify();
      long sum = accounts.values().stream().mapToLong(Long::longValue).sum();
      if (sum != SUM) {
        throw new AssertionError("the sum of all accounts is " + sum + ", expected " + SUM);
      }
    }
  }

  private static CrashScenario<Bank> scenario() {
    return CrashScenario.of(Bank::create, Bank::recover)
        .withState(bank -> Map.copyOf(bank.accounts())) // acknowledged transfers must be in it
        .withVerify(Bank::verify);
  }

  /** Runs the example. */
  public static void main(String[] args) {
    CrashExplorer explorer =
        CrashExplorer.onMedium(MEDIUM_BYTES)
            .withExhaustiveLimit(8)
            .withSamples(4)
            .withNestedLimits(0, 0)
            .withSchedules(5);
    ExplorationReport report =
        explorer.explore(
            scenario()
                .thread(Operation.run("10 to Bob", bank -> bank.transfer("Alice", "Bob", 10)))
                .thread(Operation.run("5 to Carol", bank -> bank.transfer("Alice", "Carol", 5))));
    System.out.printf(
        "Transfers in a transaction: all %d images are right, in %d interleavings.%n",
        report.imagesDistinct() + report.nestedImages(), report.schedules());
    try {
      explorer.explore(
          scenario()
              .thread(
                  Operation.run("10 to Bob", bank -> bank.transfer("Alice", "Bob", 10)),
                  Operation.run(
                      "5 to Carol", bank -> bank.transferCarelessly("Alice", "Carol", 5))));
    } catch (CrashTestFailure e) {
      System.out.println("Transfers without one: " + e.getMessage());
    }
  }
}
