package dev.cairn.examples;

import dev.cairn.collections.PersistentArrayList;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import java.io.IOException;
import java.nio.file.Path;

/** A map and a list that are still there when the heap is opened again. */
public final class Example01_CreateAndReopen {

  /** What the map holds. Its fields lie in the heap one by one; there is nothing to serialize. */
  record Account(String owner, long cents) {}

  private Example01_CreateAndReopen() {}

  /** Runs the example; the argument is a path where nothing is yet. */
  public static void main(String[] args) throws IOException {
    Path path = Path.of(args[0]);
    create(path);
    reopen(path);
  }

  private static void create(Path path) throws IOException {
    try (PersistentHeap heap = PersistentHeap.create(path)) {
      PersistentHashMap<Long, Account> accounts = accounts(heap);
      PersistentArrayList<String> journal = heap.list("journal", Types.STRING);

      accounts.put(17L, new Account("Alice", 100_00)); // Durable when put returns.
      journal.add("opened account 17");
      System.out.println("This heap " + heap.durability() + ".");
    }
  }

  private static void reopen(Path path) throws IOException {
    try (PersistentHeap heap = PersistentHeap.open(path)) {
      System.out.println("Account 17: " + accounts(heap).get(17L));
      System.out.println("Journal: " + heap.list("journal", Types.STRING));
    }
  }

  /** A collection is known by its name. The first call creates it, the others find it. */
  private static PersistentHashMap<Long, Account> accounts(PersistentHeap heap) {
    return heap.map("accounts", Types.LONG, Types.record(Account.class));
  }
}
