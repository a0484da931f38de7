package dev.cairn.evidence.damage;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.evidence.damage.Content.Account;
import dev.cairn.evidence.damage.Content.Place;
import dev.cairn.evidence.damage.Content.Point;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.PersistentMemoryException;
import dev.cairn.tx.TransactionAbortedException;
import dev.cairn.tx.TransactionConflictException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * Uses a heap that may be damaged, in every way, and judges what it does.
 *
 * <p>What {@code verify} passes must be right: each key there, each value the one expected, unless
 * it lies where a value was damaged. What it does not pass may answer anything, but must end, with
 * exceptions of the documented kinds only.
 */
final class Examination {
  /** What came out. */
  enum Outcome {
    /** Nothing was wrong. */
    RIGHT,
    /** Opening threw. */
    REFUSED,
    /** A read or change threw. */
    TOLD,
    /** All reads were right; only verify threw. */
    VERIFIED,
    /** Reads were wrong without an exception; verify threw. */
    WRONG_UNTIL_VERIFIED,
    /** Values differ where their bytes were damaged. */
    OTHER_VALUE
  }

  private final PatchedMedium medium;
  private final Content expected;
  private boolean told;

  Examination(PatchedMedium medium, Content expected) {
    this.medium = medium;
    this.expected = expected;
  }

  /** Something that uses the heap. */
  private interface Use {
    void run() throws Exception;
  }

  /**
   * Examines the heap on the medium.
   *
   * @param otherValues how many values may differ
   * @param idle whether nothing at all may be noticed
   */
  Outcome run(long otherValues, boolean idle) {
    PersistentHeap opened;
    try {
      opened = PersistentHeap.open(medium, Specimen.OPTIONS);
    } catch (HeapCorruptedException | HeapFormatException e) {
      checkSays(e);
      if (idle) {
        throw new AssertionError("refused for nothing", e);
      }
      return Outcome.REFUSED;
    }
    Content found = readAll(opened);
    use(() -> found.values().put(new Place("catalog", "names"), opened.names()));
    boolean readsTold = told;
    Set<Place> differences = expected.differences(found);
    told = false;
    use(opened::verify);
    boolean sound = !told;
    if (sound) {
      require(!readsTold, "reads threw, and verify found nothing");
      require(expected.hasShapeOf(found), "verify found nothing, and keys differ: " + differences);
      require(
          differences.size() <= otherValues,
          "verify found nothing, and values differ: " + differences);
    }
    require(sound || !idle, "verify found something where nothing is");
    changeAndReopen(opened, found, sound);
    if (sound) {
      return differences.isEmpty() ? Outcome.RIGHT : Outcome.OTHER_VALUE;
    } else if (readsTold) {
      return Outcome.TOLD;
    }
    return differences.isEmpty() ? Outcome.VERIFIED : Outcome.WRONG_UNTIL_VERIFIED;
  }

  private Content readAll(PersistentHeap opened) {
    Map<Place, Object> values = new HashMap<>();
    for (String name : Content.NAMES) {
      use(() -> values.putAll(Content.read(opened, name).values()));
    }
    return new Content(values);
  }

  /** Changes a little of everything; if the heap was sound, the changes must be right. */
  private void changeAndReopen(PersistentHeap opened, Content found, boolean sound) {
    told = false;
    use(() -> Content.accounts(opened).put("new", new Account("n", 1, new byte[3], false)));
    use(() -> Content.numbers(opened).put(-7L, 7L));
    use(() -> Content.numbers(opened).remove(-7L));
    use(() -> Content.byPoint(opened).merge(new Point(3, (short) -3, 1), 5, Integer::sum));
    use(() -> Content.texts(opened).remove("key 0"));
    use(() -> Content.tags(opened).add("new"));
    use(() -> Content.tags(opened).remove("word 1"));
    use(() -> Content.sorted(opened).put(-7L, 7L));
    use(() -> Content.sorted(opened).remove(-7L));
    use(() -> Content.byName(opened).headMap("the same beginning 2").clear());
    use(() -> Content.ordered(opened).pollFirst());
    use(() -> Content.jobs(opened).addFirst("new"));
    use(() -> Content.jobs(opened).pollLast());
    use(() -> Content.jobs(opened).remove("job 90"));
    use(() -> Content.readings(opened).removeIf(reading -> reading % 2 == 0));
    use(() -> Content.current(opened).set(new Account("new", 2, new byte[1], false)));
    use(() -> Content.events(opened).append("new"));
    use(() -> Content.events(opened).truncate(20));
    use(() -> Content.next(opened).incrementAndGet());
    use(() -> Content.words(opened).add("last"));
    use(() -> Content.words(opened).remove(0));
    use(() -> Content.points(opened).set(0, new Point(1, (short) 2, 3)));
    use(
        () ->
            opened.transact(
                () -> {
                  Content.blobs(opened).put(new UUID(1, 2), new byte[300]);
                  Content.accounts(opened).clear();
                  Content.numbers(opened).put(5_000_000_000L, 1L);
                }));
    use(opened::stats);
    use(opened::close);
    if (!sound) {
      return;
    }
    require(!told, "a change threw, and verify had found nothing");
    try (PersistentHeap again = PersistentHeap.open(medium, Specimen.OPTIONS)) {
      again.verify();
      Content after = Content.readAll(again);
      require(Content.accounts(again).isEmpty(), "accounts cleared");
      require(Content.tags(again).contains("new"), "a new tag");
      require("last".equals(Content.words(again).getLast()), "the last word");
      require("new".equals(Content.jobs(again).peekFirst()), "a new job");
      require("new".equals(Content.events(again).get(40)), "a new event");
      Account current = Content.current(again).get();
      require(current != null && current.balance() == 2, "the current account");
      require(Arrays.equals(Content.blobs(again).get(new UUID(1, 2)), new byte[300]), "a new blob");
      require(Objects.equals(Content.numbers(again).remove(5_000_000_000L), 1L), "a new number");
      Set<Place> changed = found.differences(after);
      changed.removeIf(
          place ->
              !Set.of(
                      "numbers",
                      "sorted",
                      "no map",
                      "no tree",
                      "no list",
                      "no set",
                      "no deque",
                      "no reference",
                      "no log",
                      "no number")
                  .contains(place.collection()));
      require(changed.size() == 3, "what was not changed: " + changed);
    }
  }

  /** Uses the heap; only documented exceptions may come of it. */
  private void use(Use use) {
    try {
      use.run();
    } catch (TransactionConflictException e) {
      throw new AssertionError("a lock that nobody gives back", e);
    } catch (TransactionAbortedException e) {
      told = true;
      if (!(e.getCause() instanceof PersistentMemoryException)) {
        throw new AssertionError("an untyped exception", e);
      }
    } catch (PersistentMemoryException e) {
      told = true;
      checkSays(e);
    } catch (Throwable t) {
      throw t instanceof AssertionError already && already.getMessage() == null
          ? already
          : new AssertionError("an untyped exception: " + t, t);
    }
  }

  private static void checkSays(PersistentMemoryException e) {
    require(e.getMessage() != null && e.getMessage().length() < 2000, "a message: " + e);
    if (e instanceof HeapCorruptedException corrupted) {
      require(!corrupted.structure().isEmpty(), "a structure");
    }
  }

  private static void require(boolean ok, String what) {
    if (!ok) {
      throw new Wrong(what);
    }
  }

  /** The heap did what it must not. */
  static final class Wrong extends AssertionError {
    private static final long serialVersionUID = 1L;

    Wrong(String what) {
      super(what);
    }
  }
}
