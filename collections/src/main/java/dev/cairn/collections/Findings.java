package dev.cairn.collections;

import dev.cairn.heap.HeapCorruptedException;
import java.util.ArrayList;
import java.util.List;

/** What a verification found: the first findings, which are then thrown together. */
final class Findings {
  /** How many are kept: damage of one place can show in many. */
  private static final int LIMIT = 101;

  private final OpenHeap heap;
  private final List<HeapCorruptedException> found = new ArrayList<>();

  Findings(OpenHeap heap) {
    this.heap = heap;
  }

  void add(HeapCorruptedException finding) {
    if (found.size() < LIMIT) {
      found.add(finding);
    }
  }

  void add(String structure, long offset, String expected, String actual) {
    add(new HeapCorruptedException(structure, offset, expected, actual));
  }

  /**
   * Runs a check that ends with what it finds.
   *
   * @param owner whose part is checked, such as {@code map "accounts"}
   * @param structure what is checked, for accesses that go wild
   * @param offset where it lies
   * @return whether nothing was found
   */
  boolean check(String owner, String structure, long offset, Runnable check) {
    try {
      check.run();
      return true;
    } catch (RuntimeException e) {
      RuntimeException explained = heap.explain(e, structure, offset);
      if (!(explained instanceof HeapCorruptedException corrupted)) {
        throw explained;
      }
      add(
          corrupted.structure().equals(owner)
              ? corrupted
              : new HeapCorruptedException(
                  corrupted.structure() + " of " + owner,
                  corrupted.offset(),
                  corrupted.expected(),
                  corrupted.actual()));
      return false;
    }
  }

  /** Checks reserved words. */
  void checkZero(String structure, long from, long to) {
    for (long at = from; at < to; at += Long.BYTES) {
      long word = heap.accessor().getWord(at);
      if (word != 0) {
        add(structure, at, "reserved words of zero", "0x" + Long.toHexString(word));
      }
    }
  }

  int size() {
    return found.size();
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** Throws the first finding, which carries the others. */
  void throwIfAny() {
    if (!found.isEmpty()) {
      HeapCorruptedException first = found.getFirst();
      found.subList(1, found.size()).forEach(first::addSuppressed);
      throw first;
    }
  }
}
