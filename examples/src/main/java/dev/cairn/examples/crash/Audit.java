package dev.cairn.examples.crash;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.examples.crash.Books.Posting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Knows what a heap must hold after each kill, and looks whether it does.
 *
 * <p>Each thread has taken all steps in its journal, and may or may not have taken the one after
 * these. Which of the two is seen from what only this thread changes; what all change must then fit
 * what all have done, to the cent. A step that is found taken goes into the journal, so that it is
 * expected from then on.
 *
 * <p>Looks at a copy of the heap: the next worker gets it as the kill left it, and has to recover
 * it itself.
 */
final class Audit {
  private final CrashJob job;
  private final Path copy;
  private final Books expected;

  /** For each thread, how many steps it has taken. */
  private final long[] taken;

  /**
   * What was found.
   *
   * @param opening how long it took to open the copy
   * @param acknowledged how many steps were acknowledged since the last audit
   * @param foundTaken how many more had been taken, but not acknowledged
   * @param undone whether a transaction had to be undone
   */
  record Result(Duration opening, long acknowledged, int foundTaken, boolean undone) {}

  /**
   * Prepares to look after a heap that does not exist yet.
   *
   * @param copy where a copy of it can be
   */
  Audit(CrashJob job, Path copy) {
    this.job = job;
    this.copy = copy;
    this.expected = Books.plain(job.threads());
    this.taken = new long[job.threads()];
  }

  /**
   * Looks at what a kill has left.
   *
   * @throws AuditException if it is not what it must be
   * @throws dev.cairn.heap.PersistentMemoryException if it cannot be opened, or is not whole
   */
  Result run() throws IOException {
    long acknowledged = 0;
    for (int thread = 0; thread < job.threads(); thread++) {
      acknowledged += takeAcknowledged(thread);
    }
    if (!Files.exists(job.heap()) && acknowledged == 0 && nothingWasTaken()) {
      return new Result(Duration.ZERO, 0, 0, false); // It died before it made one.
    }
    Files.copy(job.heap(), copy, StandardCopyOption.REPLACE_EXISTING);
    long start = System.nanoTime();
    try (PersistentHeap heap = PersistentHeap.openOrCreate(copy, job.options())) {
      Duration opening = Duration.ofNanos(System.nanoTime() - start);
      boolean undone = heap.stats().rolledBack();
      heap.verify();
      Books books = Books.in(heap, job.threads());
      int foundTaken = 0;
      for (int thread = 0; thread < job.threads(); thread++) {
        foundTaken += settle(thread, books) ? 1 : 0;
      }
      compareShared(books);
      return new Result(opening, acknowledged, foundTaken, undone);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private boolean nothingWasTaken() {
    return Arrays.stream(taken).allMatch(count -> count == 0);
  }

  /** Takes the steps that the journal has gained. */
  private long takeAcknowledged(int thread) throws IOException {
    Journal.check(job.journal(thread), job.seed(), thread, taken[thread]);
    long before = taken[thread];
    long count = Journal.count(job.journal(thread));
    if (count < before) {
      throw new AuditException(
          "journal of thread %d: %d records, but had %d".formatted(thread, count, before));
    }
    while (taken[thread] < count) {
      take(job.step(thread, taken[thread]));
      taken[thread]++;
    }
    return count - before;
  }

  private void take(Step step) {
    expected.openAccounts(); // No step comes before that.
    if (step.leavesSomething()) {
      step.takeOn(expected);
    }
  }

  /** Finds out whether a thread has taken one step more than it acknowledged. */
  private boolean settle(int thread, Books books) throws IOException {
    String without = difference(thread, books);
    if (without == null) {
      return false;
    }
    Step next = job.step(thread, taken[thread]);
    take(next);
    String with = difference(thread, books);
    if (with != null) {
      throw new AuditException(
          "thread %d acknowledged %d steps. Without the next one, %s. With %s, %s."
              .formatted(thread, taken[thread], without, next, with));
    }
    try (Journal journal = Journal.append(job.journal(thread))) {
      journal.add(next);
    }
    taken[thread]++;
    return true;
  }

  /** Says where what only this thread changes is not what is expected, or null if it is. */
  private @Nullable String difference(int thread, Books books) {
    for (int i = 0; i < Step.TEXTS; i++) {
      String key = Step.textKey(thread, i);
      if (!Objects.equals(expected.texts().get(key), books.texts().get(key))) {
        return different(key, expected.texts().get(key), books.texts().get(key));
      }
    }
    for (int i = 0; i < Step.PARCELS; i++) {
      long key = Step.parcelKey(thread, i);
      if (!Objects.equals(expected.parcels().get(key), books.parcels().get(key))) {
        return different(
            "parcel %d of thread %d".formatted(i, thread),
            expected.parcels().get(key),
            books.parcels().get(key));
      }
    }
    for (int i = 0; i < Step.BLOBS; i++) {
      String key = Step.blobKey(thread, i);
      if (!Arrays.equals(expected.blobs().get(key), books.blobs().get(key))) {
        return different(
            "blob " + key, text(expected.blobs().get(key)), text(books.blobs().get(key)));
      }
    }
    Long transactions = expected.progress().get((long) thread);
    if (!Objects.equals(transactions, books.progress().get((long) thread))) {
      return different(
          "the count of transactions", transactions, books.progress().get((long) thread));
    }
    List<String> notes = books.notes().get(thread);
    return expected.notes().get(thread).equals(notes)
        ? null
        : different("the list of notes", expected.notes().get(thread), notes);
  }

  private static @Nullable String text(byte @Nullable [] blob) {
    return blob == null ? null : blob.length + " bytes, hash " + Arrays.hashCode(blob);
  }

  private static String different(String what, @Nullable Object expected, @Nullable Object found) {
    return "%s should be %s but is %s".formatted(what, shortened(expected), shortened(found));
  }

  private static String shortened(@Nullable Object value) {
    String text = value instanceof List<?> list ? list.size() + " notes " + list : "" + value;
    return text.length() <= 200 ? text : text.substring(0, 200) + "...";
  }

  /** Compares what all threads change, and looks for what nobody has put there. */
  private void compareShared(Books books) {
    if (books.accounts().isEmpty() && nothingWasTaken()) {
      return;
    }
    expected.openAccounts();
    if (books.totalCents() != Books.TOTAL_CENTS) {
      throw new AuditException(
          "the accounts hold %,d cents together, not %,d"
              .formatted(books.totalCents(), Books.TOTAL_CENTS));
    }
    same("accounts", expected.accounts(), books.accounts());
    for (int thread = 0; thread < job.threads(); thread++) {
      List<Posting> of = of(thread, expected.postings());
      List<Posting> found = of(thread, books.postings());
      if (!of.equals(found)) {
        throw new AuditException(
            "thread %d made %d postings, and %d are there, or others"
                .formatted(thread, of.size(), found.size()));
      }
    }
    if (books.postings().size() != expected.postings().size()) {
      throw new AuditException("there are postings that nobody made");
    }
    sameSize("texts", expected.texts(), books.texts());
    sameSize("parcels", expected.parcels(), books.parcels());
    sameSize("blobs", expected.blobs(), books.blobs());
    sameSize("progress", expected.progress(), books.progress());
  }

  private static List<Posting> of(int thread, List<Posting> postings) {
    return postings.stream().filter(posting -> posting.thread() == thread).toList();
  }

  private static void same(String what, Map<?, ?> expected, Map<?, ?> found) {
    if (expected.equals(found)) {
      return;
    }
    Set<Object> keys = new LinkedHashSet<>(expected.keySet());
    keys.addAll(found.keySet());
    keys.removeIf(key -> Objects.equals(expected.get(key), found.get(key)));
    throw new AuditException(
        keys.stream()
            .map(key -> different(key.toString(), expected.get(key), found.get(key)))
            .collect(Collectors.joining("; ", what + " differ: ", "")));
  }

  private static void sameSize(String what, Map<?, ?> expected, Map<?, ?> found) {
    if (expected.size() != found.size() || found.size() != found.keySet().stream().count()) {
      throw new AuditException(
          "%s: %d entries, expected %d".formatted(what, found.size(), expected.size()));
    }
  }
}
