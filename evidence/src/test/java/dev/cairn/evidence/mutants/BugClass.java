package dev.cairn.evidence.mutants;

import java.util.List;

/**
 * The classes of crash bugs that are known from the field; a mutant names one by its number.
 *
 * @param number from 1
 * @param what the bug
 * @param whyNone why no mutant has this class, or empty
 */
record BugClass(int number, String what, String whyNone) {
  private static final String HARDWARE = "below the seam that the simulation stands for: ";

  static final List<BugClass> ALL =
      List.of(
          of(1, "missing flush"),
          of(2, "missing fence"),
          of(3, "flush before its store, fence before its flush"),
          of(4, "wrong flush range"),
          of(5, "published before its content is durable"),
          of(6, "changed in place before the undo is durable"),
          of(7, "log retired before the data is durable; steps swapped"),
          of(8, "old log replayed: another lane's, an earlier generation's"),
          of(9, "torn multi-word update"),
          of(10, "torn log entry or superblock accepted"),
          none(
              11,
              "order of stores within a line assumed across words",
              "nothing relies on it; all scenarios use the model WORDS, in which lines tear"),
          none(
              12,
              "compiler reorders, splits or drops stores",
              HARDWARE + "a flush or fence is a call that the JIT cannot look through"),
          of(13, "leak"),
          of(14, "double allocation, double free"),
          of(15, "dangling after free; block reused too early"),
          of(16, "uninitialised memory read"),
          of(17, "recovery not idempotent"),
          of(18, "growth, split, doubling half done"),
          of(19, "volatile state rebuilt wrong; counts and hints wrong"),
          of(20, "acknowledged and lost"),
          of(21, "not durable, seen by another thread, and told"),
          of(22, "abort path"),
          of(23, "log overflow path"),
          of(24, "create, open, close"),
          of(Mutant.COSTS, "needless flush or fence"),
          none(26, "block media", HARDWARE + "words are what it tears, not blocks"));

  private static BugClass of(int number, String what) {
    return new BugClass(number, what, "");
  }

  private static BugClass none(int number, String what, String why) {
    return new BugClass(number, what, why);
  }
}
