package dev.cairn.examples.crash;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.TransactionBody;
import dev.cairn.collections.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the threads of a {@link CrashWorker} work on: collections in a heap, or plain ones.
 *
 * <p>Each thread has keys of its own in the maps, and a list of its own. Accounts and postings are
 * shared.
 *
 * @param texts small values by string
 * @param parcels records by long
 * @param blobs values of up to hundreds of kilobytes
 * @param notes a list for each thread
 * @param accounts a bank: its total does not change
 * @param postings the transfers between accounts, as they came
 * @param progress how many transactions each thread has made
 * @param transactor runs what belongs together
 */
record Books(
    Map<String, String> texts,
    Map<Long, Parcel> parcels,
    Map<String, byte[]> blobs,
    List<List<String>> notes,
    Map<Long, Account> accounts,
    List<Posting> postings,
    Map<Long, Long> progress,
    Transactor transactor) {
  static final int ACCOUNTS = 24;
  static final long TOTAL_CENTS = 24 * 1000_00L;

  /** A value of fixed and variable parts. */
  record Parcel(long weight, String label, boolean fragile, double value) {}

  /** An account of the bank. */
  record Account(String owner, long cents) {

    Account plus(long more) {
      return new Account(owner, cents + more);
    }
  }

  /** A transfer, by the thread and the step that made it. */
  record Posting(int thread, long step, long from, long to, long cents) {}

  /** Runs something as a whole. */
  @FunctionalInterface
  interface Transactor {
    void transact(TransactionBody body);
  }

  /** Finds the collections in a heap, or makes them. */
  static Books in(PersistentHeap heap, int threads) {
    List<List<String>> notes = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      notes.add(heap.list("notes of " + thread, Types.STRING));
    }
    return new Books(
        heap.map("texts", Types.STRING, Types.STRING),
        heap.map("parcels", Types.LONG, Types.record(Parcel.class)),
        heap.map("blobs", Types.STRING, Types.BYTES),
        notes,
        heap.map("accounts", Types.LONG, Types.record(Account.class)),
        heap.list("postings", Types.record(Posting.class)),
        heap.map("progress", Types.LONG, Types.LONG),
        heap::transact);
  }

  /** Returns plain collections. */
  static Books plain(int threads) {
    List<List<String>> notes = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      notes.add(new ArrayList<>());
    }
    return new Books(
        new HashMap<>(),
        new HashMap<>(),
        new HashMap<>(),
        notes,
        new HashMap<>(),
        new ArrayList<>(),
        new HashMap<>(),
        Books::run);
  }

  /** Returns the same collections, with nothing that holds a transaction together. */
  Books withoutTransactions() {
    return new Books(texts, parcels, blobs, notes, accounts, postings, progress, Books::run);
  }

  private static void run(TransactionBody body) {
    try {
      body.run();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens the accounts, all or none, unless that was done. */
  void openAccounts() {
    if (accounts.isEmpty()) {
      transactor.transact(
          () -> {
            for (long id = 0; id < ACCOUNTS; id++) {
              accounts.put(id, new Account("owner " + id, TOTAL_CENTS / ACCOUNTS));
            }
          });
    }
  }

  /** Returns what is in all accounts together. */
  long totalCents() {
    return accounts.values().stream().mapToLong(Account::cents).sum();
  }
}
