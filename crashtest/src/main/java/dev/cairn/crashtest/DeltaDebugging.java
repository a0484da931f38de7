package dev.cairn.crashtest;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Finds few elements that are enough for a failure: Zeller's minimizing delta debugging. */
final class DeltaDebugging {
  private DeltaDebugging() {}

  /**
   * Returns a sublist that still fails, and from which no single element can be dropped, unless the
   * limit ends the search before.
   *
   * @param all fails
   * @param limit how many sublists may be tried
   * @param fails tries a sublist
   */
  static <T> List<T> fewest(List<T> all, int limit, Predicate<List<T>> fails) {
    List<T> kept = all;
    int tries = 0;
    if (kept.isEmpty() || limit == 0) {
      return kept;
    }
    tries++;
    if (fails.test(List.of())) {
      return List.of();
    }
    int parts = 2;
    while (kept.size() >= 2) {
      List<T> smaller = null;
      for (int part = 0; part < parts && smaller == null; part++) {
        int from = (int) ((long) kept.size() * part / parts);
        int to = (int) ((long) kept.size() * (part + 1) / parts);
        List<T> rest = new ArrayList<>(kept.subList(0, from));
        rest.addAll(kept.subList(to, kept.size()));
        if (tries++ >= limit) {
          return kept;
        }
        if (fails.test(rest)) {
          smaller = rest;
        }
      }
      if (smaller != null) {
        kept = smaller;
        parts = Math.max(2, parts - 1);
      } else if (parts == kept.size()) {
        return kept;
      } else {
        parts = Math.min(kept.size(), 2 * parts);
      }
    }
    return kept;
  }
}
