package dev.cairn.examples.crash;

import dev.cairn.examples.crash.Books.Parcel;
import dev.cairn.examples.crash.Books.Posting;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * One operation of one thread. All that it does is drawn from the seed, the thread and the step's
 * number: whoever knows these can take the step, on a heap or on plain collections.
 */
final class Step {
  static final int TEXTS = 64;
  static final int PARCELS = 48;
  static final int BLOBS = 6;

  private static final int BULK_PUTS = 60;
  private static final int MOST_NOTES = 400;
  private static final int LONGEST_TEXT = 300;
  private static final int USUAL_BLOB = 6_000;
  private static final int LARGEST_BLOB = 300_000;

  private final int thread;
  private final long number;
  private final StepKind kind;
  private final long drawn;

  Step(long seed, int thread, long number) {
    this.thread = thread;
    this.number = number;
    SplittableRandom random =
        new SplittableRandom(seed ^ (thread * 0x9E3779B97F4A7C15L) ^ (number << 20));
    this.kind = StepKind.drawn(random.nextLong() >>> 1);
    this.drawn = random.nextLong();
  }

  /** Thrown by a transaction that does not want to have been. */
  static final class AbandonedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AbandonedException() {
      super("abandoned on purpose", null, false, false);
    }
  }

  static String textKey(int thread, int index) {
    return "text " + index + " of thread " + thread;
  }

  static long parcelKey(int thread, int index) {
    return ((long) thread << 32) | index;
  }

  static String blobKey(int thread, int index) {
    return thread + "/" + index;
  }

  StepKind kind() {
    return kind;
  }

  long number() {
    return number;
  }

  int thread() {
    return thread;
  }

  /** Identifies the key that the step is about, for the journal. */
  long key() {
    return drawn(0, Integer.MAX_VALUE);
  }

  /** A hash of the values that the step stores, for the journal. */
  long digest() {
    return switch (kind) {
      case PUT_TEXT, ADD_NOTE, EDIT_NOTES, NESTED -> text(0).hashCode();
      case PUT_PARCEL -> parcel(0).hashCode();
      case PUT_BLOB -> Arrays.hashCode(blob());
      default -> Objects.hash(thread, number, drawn);
    };
  }

  /** Takes the step. Throws {@link AbandonedException} after a step that leaves nothing. */
  void takeOn(Books books) {
    switch (kind) {
      case PUT_TEXT -> putText(books, 0);
      case REMOVE_TEXT -> books.texts().remove(textKey(thread, drawn(1, TEXTS)));
      case PUT_PARCEL -> putParcel(books, 0);
      case PUT_BLOB -> books.blobs().put(blobKey(thread, drawn(1, BLOBS)), blob());
      case REMOVE_BLOB -> books.blobs().remove(blobKey(thread, drawn(1, BLOBS)));
      case ADD_NOTE -> addNote(books);
      case EDIT_NOTES -> editNotes(books);
      case TRANSFER -> transact(books, () -> transfer(books));
      case NESTED -> transact(books, () -> changeEverything(books));
      case BULK ->
          transact(
              books,
              () -> {
                for (int i = 0; i < BULK_PUTS; i++) {
                  putText(books, i);
                  putParcel(books, i);
                }
              });
      case ABANDON ->
          transact(
              books,
              () -> {
                changeEverything(books);
                books.notes().get(thread).clear();
                throw new AbandonedException();
              });
    }
  }

  /** Says whether the step, once taken, leaves anything behind. */
  boolean leavesSomething() {
    return kind != StepKind.ABANDON;
  }

  private void transact(Books books, Runnable body) {
    books
        .transactor()
        .transact(
            () -> {
              body.run();
              books.progress().merge((long) thread, 1L, Long::sum);
            });
  }

  private void putText(Books books, int i) {
    books.texts().put(textKey(thread, drawn(1 + i, TEXTS)), text(i));
  }

  private void putParcel(Books books, int i) {
    books.parcels().put(parcelKey(thread, drawn(1 + i, PARCELS)), parcel(i));
  }

  private void addNote(Books books) {
    books.notes().get(thread).add(text(0));
  }

  private void editNotes(Books books) {
    List<String> notes = books.notes().get(thread);
    if (notes.size() > MOST_NOTES) {
      notes.clear();
    } else if (notes.isEmpty()) {
      notes.addFirst(text(0));
    } else {
      int index = drawn(2, notes.size());
      switch (drawn(3, 3)) {
        case 0 -> notes.set(index, text(0));
        case 1 -> notes.add(index, text(0));
        default -> notes.remove(index);
      }
    }
  }

  private void transfer(Books books) {
    long from = drawn(4, Books.ACCOUNTS);
    long to = (from + 1L + drawn(5, Books.ACCOUNTS - 1)) % Books.ACCOUNTS;
    long cents = 1L + drawn(6, 5000);
    books.accounts().computeIfPresent(from, (id, account) -> account.plus(-cents));
    books.accounts().computeIfPresent(to, (id, account) -> account.plus(cents));
    books.postings().add(new Posting(thread, number, from, to, cents));
  }

  private void changeEverything(Books books) {
    putText(books, 0);
    books.transactor().transact(() -> transfer(books));
    putParcel(books, 0);
    books.texts().remove(textKey(thread, drawn(7, TEXTS)));
    addNote(books);
  }

  private String text(int i) {
    SplittableRandom random = random(100 + i);
    // Every fourth has characters that take two bytes each.
    char first = random.nextInt(4) == 0 ? '\u0410' : 'a';
    StringBuilder text = new StringBuilder().append(number).append(' ');
    for (int length = random.nextInt(LONGEST_TEXT); length > 0; length--) {
      text.append((char) (first + random.nextInt(26)));
    }
    return text.toString();
  }

  private Parcel parcel(int i) {
    SplittableRandom random = random(200 + i);
    return new Parcel(
        random.nextLong(), "parcel " + number, random.nextBoolean(), random.nextDouble());
  }

  private byte[] blob() {
    SplittableRandom random = random(300);
    int bound = random.nextInt(6) == 0 ? LARGEST_BLOB : USUAL_BLOB;
    byte[] bytes = new byte[random.nextInt(bound)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Returns a number from 0 to the bound, less one: the same for the same purpose. */
  private int drawn(int purpose, int bound) {
    return random(purpose).nextInt(bound);
  }

  private SplittableRandom random(int purpose) {
    return new SplittableRandom(drawn + purpose * 0xD1342543DE82EF95L);
  }

  @Override
  public String toString() {
    return "step %d of thread %d, %s".formatted(number, thread, kind);
  }
}
