package dev.cairn.evidence.images;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Type;
import dev.cairn.collections.Types;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.tx.TransactionAbortedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * One collection of each shape, and transactions over them: persistent ones, or a model of them in
 * {@code java.util}, so that the same code runs on both.
 */
interface Subject {
  /** A record with a component of fixed and one of variable size. */
  record Account(long balance, String owner) {
    Account plus(long amount) {
      return new Account(balance + amount, owner);
    }
  }

  Type<Account> ACCOUNT = Types.record(Account.class);

  /** Long enough that no test depends on it, short enough that one that hangs ends. */
  HeapOptions OPTIONS = HeapOptions.defaults().withLockTimeout(Duration.ofSeconds(60));

  Map<Long, String> texts();

  Map<String, Account> accounts();

  List<Long> numbers();

  List<String> words();

  NavigableMap<Long, String> sorted();

  Deque<String> jobs();

  /** All or nothing: if the body throws {@link Undo}, nothing has happened, and this returns. */
  void transact(Runnable body);

  /** Checks what can be checked without knowing the content. */
  void verify();

  /** Thrown by the body of a transaction that shall be undone. */
  final class Undo extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Undo() {
      super("undo", null, false, false);
    }
  }

  /** What the collections hold. */
  record State(
      Map<Long, String> texts,
      Map<String, Account> accounts,
      List<Long> numbers,
      List<String> words,
      NavigableMap<Long, String> sorted,
      List<String> jobs) {
    static State of(Subject subject) {
      return new State(
          new HashMap<>(subject.texts()),
          new HashMap<>(subject.accounts()),
          new ArrayList<>(subject.numbers()),
          new ArrayList<>(subject.words()),
          new TreeMap<>(subject.sorted()),
          new ArrayList<>(subject.jobs()));
    }
  }

  /** The model. */
  static Subject model() {
    return new Model(
        new HashMap<>(),
        new HashMap<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new TreeMap<>(),
        new ArrayDeque<>());
  }

  /** The collections of a new heap. */
  static Subject create(Medium medium) {
    return of(PersistentHeap.create(medium, OPTIONS));
  }

  /** The collections of a heap that is there. */
  static Subject open(Medium medium) {
    return of(PersistentHeap.open(medium, OPTIONS));
  }

  private static Subject of(PersistentHeap heap) {
    return new Persistent(
        heap,
        heap.map("texts", Types.LONG, Types.STRING),
        heap.map("accounts", Types.STRING, ACCOUNT),
        heap.list("numbers", Types.LONG),
        heap.list("words", Types.STRING),
        heap.treeMap("sorted", Types.LONG, Types.STRING),
        heap.deque("jobs", Types.STRING));
  }

  /** Collections of a heap. */
  record Persistent(
      PersistentHeap heap,
      Map<Long, String> texts,
      Map<String, Account> accounts,
      List<Long> numbers,
      List<String> words,
      NavigableMap<Long, String> sorted,
      Deque<String> jobs)
      implements Subject {
    @Override
    public void transact(Runnable body) {
      try {
        heap.transact(body::run);
      } catch (TransactionAbortedException e) {
        if (!(e.getCause() instanceof Undo)) {
          throw e;
        }
      }
    }

    @Override
    public void verify() {
      heap.verify();
    }
  }

  /** Collections of {@code java.util}. */
  record Model(
      Map<Long, String> texts,
      Map<String, Account> accounts,
      List<Long> numbers,
      List<String> words,
      NavigableMap<Long, String> sorted,
      Deque<String> jobs)
      implements Subject {
    @Override
    public void transact(Runnable body) {
      State before = State.of(this);
      try {
        body.run();
      } catch (Undo e) {
        restore(texts, before.texts());
        restore(accounts, before.accounts());
        restore(numbers, before.numbers());
        restore(words, before.words());
        restore(sorted, before.sorted());
        restore(jobs, before.jobs());
      }
    }

    @Override
    public void verify() {
      // The collections of the JDK need none.
    }

    private static <K, V> void restore(Map<K, V> map, Map<K, V> before) {
      map.clear();
      map.putAll(before);
    }

    private static <E> void restore(Collection<E> collection, List<E> before) {
      collection.clear();
      collection.addAll(before);
    }
  }
}
