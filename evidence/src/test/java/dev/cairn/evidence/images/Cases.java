package dev.cairn.evidence.images;

import dev.cairn.evidence.images.Case.Step;
import dev.cairn.evidence.images.Subject.Account;
import dev.cairn.evidence.images.Subject.Undo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.LongStream;

/** What is explored. */
final class Cases {
  private Cases() {}

  /** Single operations on small values: every image that a crash could leave is built. */
  static List<Case> basic() {
    Step some = Case.filled(3);
    return List.of(
        Case.of("map: put, new", some, s -> s.texts().put(7L, "seven")),
        Case.of("map: put, first entry", Step.NONE, s -> s.texts().put(7L, "seven")),
        Case.of("map: put, replace", some, s -> s.texts().put(1L, "uno")),
        Case.of("map: put, in place", some, s -> s.texts().put(1L, "TEXT 1")),
        Case.of(
            "map: put, new, then in place",
            some,
            s -> s.texts().put(7L, "seven"),
            s -> s.texts().put(7L, "SEVEN")),
        Case.of("map: putIfAbsent", some, s -> s.texts().putIfAbsent(8L, "8")),
        Case.of("map: replace if equal", some, s -> s.texts().replace(1L, "text 1", "one")),
        Case.of("map: remove", some, s -> s.texts().remove(1L)),
        Case.of("map: remove if equal", some, s -> s.texts().remove(2L, "text 2")),
        Case.of("map: compute", some, s -> s.texts().compute(1L, (k, v) -> v + "!")),
        Case.of("map: compute to remove", some, s -> s.texts().compute(1L, (k, v) -> null)),
        Case.of("map: merge", some, s -> s.texts().merge(1L, "+", String::concat)),
        Case.of("map: entry.setValue", some, s -> entryOfOne(s).setValue("set")),
        Case.of("map: iterator.remove", some, s -> s.texts().keySet().removeIf(key -> key == 1)),
        Case.of("map of records: put", some, s -> s.accounts().put("a", new Account(1, "b"))),
        Case.of("map of records: remove", some, s -> s.accounts().remove("name 0")),
        Case.of("list of longs: add", some, s -> s.numbers().add(77L)),
        Case.of("list of longs: add, first", Step.NONE, s -> s.numbers().add(77L)),
        Case.of("list of longs: set", some, s -> s.numbers().set(1, 77L)),
        Case.of("list of longs: remove last", some, s -> s.numbers().removeLast()),
        Case.of("list of longs: insert", some, s -> s.numbers().add(1, 77L)),
        Case.of("list of longs: remove in the middle", some, s -> s.numbers().remove(1)),
        Case.of("list of strings: add", some, s -> s.words().add("new")),
        Case.of("list of strings: set", some, s -> s.words().set(1, "set")),
        Case.of("list of strings: set, in place", some, s -> s.words().set(1, "WORD 1")),
        Case.of(
            "list of strings: add, then in place",
            some,
            s -> s.words().add("new"),
            s -> s.words().set(3, "NEW")),
        Case.of("list of strings: remove last", some, s -> s.words().removeLast()),
        Case.of("list of strings: insert", some, s -> s.words().addFirst("zero")),
        Case.of("tree: put, new", some, s -> s.sorted().put(3L, "three")),
        Case.of("tree: remove", some, s -> s.sorted().remove(2L)),
        Case.of("deque: addFirst", some, s -> s.jobs().addFirst("new")),
        Case.of("deque: remove in the middle", some, s -> s.jobs().remove("word 1")),
        Case.of("transaction: one word, undone", some, undone(s -> s.numbers().set(0, 5L))),
        Case.of(
            "transaction: changes in place, then few words",
            some,
            atomic(
                s -> {
                  s.words().removeFirst();
                  s.words().removeLast();
                  s.numbers().removeFirst();
                  s.numbers().removeLast();
                  s.numbers().removeLast();
                })),
        Case.of("transaction: empty", some, s -> s.transact(() -> {})));
  }

  /**
   * Every two basic operations, one after the other, where the first leaves the second possible.
   */
  static List<Case> pairs() {
    List<Case> pairs = new ArrayList<>();
    for (Case first : basic()) {
      for (Case second : basic()) {
        Subject model = Subject.model();
        first.preparation().on(model);
        first.steps().getFirst().on(model);
        if (isPossible(second.steps().getFirst(), model)) {
          List<Step> steps = List.of(first.steps().getFirst(), second.steps().getFirst());
          pairs.add(new Case(first.name() + "; " + second.name(), first.preparation(), steps));
        }
      }
    }
    return pairs;
  }

  /** What changes more at a time than all images could be built of. */
  static List<Case> large() {
    Step some = Case.filled(5);
    Step many = Case.filled(48);
    return List.of(
        Case.of("map: put, remove, put again", some, putRemovePut()),
        Case.of(
            "map: keys that come back after an undo",
            some,
            undone(s -> s.texts().remove(1L)),
            s -> s.texts().put(100L, "new"),
            s -> s.texts().remove(1L),
            s -> s.texts().put(1L, "again")),
        Case.of("map: many puts", some, puts(40, 80)),
        Case.of("map: clear", many, atomic(s -> s.texts().clear())),
        Case.of("map: replaceAll", many, atomic(Cases::replaceTexts)),
        Case.of("map: removeIf", many, atomic(s -> s.texts().keySet().removeIf(Cases::isOdd))),
        Case.of("map: values of many chunks", some, bigText('a'), bigText('b')),
        Case.of("list: segments are added", Case.filled(15), appends(20)),
        Case.of("list: addAll", Case.filled(10), s -> s.words().addAll(words(60))),
        Case.of("list: insert and remove in the middle", Case.filled(40), inTheMiddle()),
        Case.of("list: clear", many, atomic(s -> s.words().clear())),
        Case.of("list: sort", many, atomic(s -> s.words().sort(null))),
        Case.of("tree: many puts", many, sortedPuts(20)),
        Case.of("tree: remove a range", many, atomic(s -> s.sorted().headMap(70L).clear())),
        Case.of("deque: addAll", many, s -> s.jobs().addAll(words(60))),
        Case.of("deque: clear", many, atomic(s -> s.jobs().clear())),
        Case.of("transaction: transfers", some, transfers()),
        Case.of("transaction: transfer, undone", some, undone(Cases::transfer)),
        Case.of("transaction: operations that fail within", many, atomic(Cases::goOnAfterFailures)),
        Case.of("transaction: over all collections", some, overAll(), undone(overAll())),
        Case.of("transaction: log of two extents", many, atomic(Cases::replaceAll)),
        Case.of("transaction: log of two extents, undone", many, undone(Cases::replaceAll)),
        Case.of("blocks of many sizes come and go", some, manySizes()));
  }

  /**
   * Some of the basic operations in a random order, alone, in transactions, and undone; the same
   * ones for the same seed.
   */
  static Case life(long seed, int length) {
    Random random = new Random(seed);
    List<Step> known =
        basic().stream()
            .filter(basic -> !basic.name().startsWith("transaction"))
            .flatMap(basic -> basic.steps().stream())
            .toList();
    Step preparation = Case.filled(random.nextInt(2, 30));
    Subject model = Subject.model();
    preparation.on(model);
    List<Step> steps = new ArrayList<>();
    while (steps.size() < length) {
      Step step = known.get(random.nextInt(known.size()));
      if (random.nextInt(3) == 0) {
        Step second = known.get(random.nextInt(known.size()));
        Step both = inOrder(step, second);
        step = random.nextBoolean() ? atomic(both) : undone(both);
      }
      if (isPossible(step, model)) {
        steps.add(step);
      }
    }
    return new Case("life " + seed, preparation, steps);
  }

  private static Step inOrder(Step first, Step second) {
    return s -> {
      first.on(s);
      second.on(s);
    };
  }

  /** Whether a list has the elements that a step needs; does the step if so. */
  private static boolean isPossible(Step step, Subject model) {
    boolean[] possible = {true};
    model.transact(
        () -> {
          try {
            step.on(model);
          } catch (NoSuchElementException | IndexOutOfBoundsException e) {
            possible[0] = false;
            throw new Undo();
          }
        });
    return possible[0];
  }

  private static Step[] putRemovePut() {
    return new Step[] {
      s -> s.texts().put(9L, "nine"),
      s -> s.texts().remove(9L),
      s -> s.texts().put(10L, "ten"),
      s -> s.texts().put(9L, "nine again"),
      s -> s.texts().put(10L, "a longer ten")
    };
  }

  private static Step[] puts(int from, int to) {
    return LongStream.range(from, to)
        .<Step>mapToObj(key -> s -> s.texts().put(key, "put " + key))
        .toArray(Step[]::new);
  }

  private static Step[] sortedPuts(int count) {
    return LongStream.range(0, count)
        .<Step>mapToObj(key -> s -> s.sorted().put(2 * key + 1, "put " + key))
        .toArray(Step[]::new);
  }

  private static Step[] appends(int count) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long number = i;
      steps.add(s -> s.numbers().add(number));
      steps.add(s -> s.words().add("appended " + number));
    }
    return steps.toArray(Step[]::new);
  }

  private static Step[] inTheMiddle() {
    return new Step[] {
      s -> s.words().add(20, "in the middle"),
      s -> s.words().remove(3),
      s -> s.numbers().add(0, 1L),
      s -> s.numbers().remove(20),
      s -> s.numbers().subList(5, 30).clear(),
      s -> s.words().addAll(7, words(5))
    };
  }

  private static Step bigText(char c) {
    return s -> s.texts().put(2L, String.valueOf(c).repeat(300_000));
  }

  private static Step[] transfers() {
    return new Step[] {atomic(Cases::transfer), atomic(Cases::transfer), atomic(Cases::transfer)};
  }

  private static void transfer(Subject subject) {
    subject.accounts().computeIfPresent("name 1", (name, account) -> account.plus(-10));
    subject.accounts().computeIfPresent("name 2", (name, account) -> account.plus(10));
  }

  private static Step overAll() {
    return atomic(
        s -> {
          s.texts().put(50L, "fifty");
          s.texts().remove(2L);
          s.numbers().add(50L);
          s.accounts().remove("name 3");
          s.jobs().addLast(String.valueOf(s.jobs().pollFirst()));
          s.sorted().pollFirstEntry();
          s.transact(() -> s.words().set(0, "nested"));
          s.texts().put(50L, "fifty again");
          s.words().removeLast();
          s.numbers().set(1, s.numbers().get(0) + 1);
        });
  }

  /** Operations fail half-way, some after others have changed the same structure; it goes on. */
  private static void goOnAfterFailures(Subject subject) {
    for (long key = 0; key < 60; key += 3) {
      long failing = key;
      subject.texts().put(key, "before the failure");
      expectFailure(() -> subject.texts().merge(failing, "", Cases::fail));
      expectFailure(() -> subject.texts().compute(failing, Cases::fail));
      expectFailure(() -> subject.numbers().set(1000, failing));
      subject.numbers().add(key);
    }
  }

  private static String fail(Object one, Object other) {
    throw new Undo();
  }

  private static void expectFailure(Runnable operation) {
    try {
      operation.run();
    } catch (Undo | IndexOutOfBoundsException expected) {
      return;
    }
    throw new AssertionError("did not fail");
  }

  private static Step[] manySizes() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      String text = "x".repeat((int) Math.round(20 * Math.pow(1.4, i)));
      long key = i % 5;
      steps.add(s -> s.texts().put(key, text));
      if (i % 3 == 2) {
        steps.add(s -> s.texts().remove(key));
      }
    }
    return steps.toArray(Step[]::new);
  }

  private static void replaceTexts(Subject subject) {
    subject.texts().replaceAll((key, text) -> text + " replaced");
  }

  private static void replaceAll(Subject subject) {
    replaceTexts(subject);
    subject.accounts().replaceAll((name, account) -> account.plus(1));
    subject.numbers().replaceAll(number -> number + 1);
  }

  private static boolean isOdd(Long key) {
    return key % 2 == 1;
  }

  private static List<String> words(int count) {
    return LongStream.range(0, count).mapToObj(i -> "new word " + i).toList();
  }

  /** The entry of key 1, as an iterator hands it out. */
  private static Map.Entry<Long, String> entryOfOne(Subject subject) {
    return subject.texts().entrySet().stream()
        .filter(entry -> entry.getKey() == 1)
        .findFirst()
        .orElseThrow();
  }

  /** A step as one transaction. */
  static Step atomic(Step step) {
    return s -> s.transact(() -> step.on(s));
  }

  /** A step in a transaction that is then undone. */
  static Step undone(Step step) {
    return s ->
        s.transact(
            () -> {
              step.on(s);
              throw new Undo();
            });
  }
}
