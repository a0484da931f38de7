package dev.cairn.examples;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.tx.TransactionAbortedException;
import java.io.IOException;
import java.nio.file.Path;

/** Several changes as one: all of them happen, or none. */
public final class Example02_Transactions {
  private final PersistentHeap heap;
  private final PersistentHashMap<String, Long> cents;

  private Example02_Transactions(PersistentHeap heap) {
    this.heap = heap;
    this.cents = heap.map("cents", Types.STRING, Types.LONG);
  }

  /** Runs the example; the argument is a path where nothing is yet. */
  public static void main(String[] args) throws IOException {
    try (PersistentHeap heap = PersistentHeap.create(Path.of(args[0]))) {
      Example02_Transactions bank = new Example02_Transactions(heap);
      bank.open();
      bank.transfer("Alice", "Bob", 30_00);
      System.out.println("After a transfer of 30.00:   " + bank.cents);
      bank.tryToTransferTooMuch();
      System.out.println("After one that was undone:   " + bank.cents);
    }
  }

  private void open() {
    heap.transact(
        () -> {
          cents.put("Alice", 100_00L);
          cents.put("Bob", 0L);
        });
  }

  private void transfer(String from, String to, long amount) {
    heap.transact(
        () -> {
          cents.merge(to, amount, Long::sum);
          long left = cents.getOrDefault(from, 0L) - amount;
          if (left < 0) {
            throw new IllegalArgumentException(from + " has not got " + amount);
          }
          cents.put(from, left);
        });
  }

  private void tryToTransferTooMuch() {
    try {
      transfer("Alice", "Bob", 1_000_00);
    } catch (TransactionAbortedException e) {
      System.out.println("Undone, because of: " + e.getCause());
    }
  }
}
