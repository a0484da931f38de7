package dev.cairn.examples.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.tx.TransactionAbortedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit accepts what the steps leave, and nothing else. */
class AuditTest {
  private static final int THREADS = 2;
  private static final int STEPS = 400;

  @TempDir private Path folder;
  private CrashJob job;
  private Audit audit;

  @BeforeEach
  void takeSteps() throws IOException {
    job =
        new CrashJob(
            folder.resolve("heap"), folder.resolve("journal"), 7, THREADS, false, Mistake.NONE);
    audit = new Audit(job, folder.resolve("copy"));
    Set<StepKind> kinds = EnumSet.noneOf(StepKind.class);
    onHeap(
        books -> {
          books.openAccounts();
          for (long number = 0; number < STEPS; number++) {
            for (int thread = 0; thread < THREADS; thread++) {
              kinds.add(take(books, thread, number));
              acknowledge(thread, number);
            }
          }
        });
    assertEquals(EnumSet.allOf(StepKind.class), kinds);
  }

  private void onHeap(Consumer<Books> action) throws IOException {
    try (PersistentHeap heap = PersistentHeap.openOrCreate(job.heap(), job.options())) {
      action.accept(Books.in(heap, THREADS));
    }
  }

  private StepKind take(Books books, int thread, long number) {
    Step step = job.step(thread, number);
    if (step.leavesSomething()) {
      step.takeOn(books);
    } else {
      assertThrows(TransactionAbortedException.class, () -> step.takeOn(books));
    }
    return step.kind();
  }

  private void acknowledge(int thread, long number) {
    try (Journal journal = Journal.append(job.journal(thread))) {
      journal.add(job.step(thread, number));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The first step from there on that changes what only its thread sees. */
  private long nextVisible(int thread, long from) {
    long number = from;
    while (job.step(thread, number).kind() != StepKind.ADD_NOTE) {
      number++;
    }
    return number;
  }

  @Test
  void acceptsWhatWasAcknowledged() throws IOException {
    Audit.Result result = audit.run();
    assertEquals(THREADS * STEPS, result.acknowledged());
    assertEquals(0, result.foundTaken());
    assertFalse(result.undone());
    assertEquals(0, audit.run().acknowledged());
    assertFalse(Files.exists(folder.resolve("copy")));
  }

  @Test
  void acceptsOneStepMoreAndExpectsItFromThenOn() throws IOException {
    long visible = nextVisible(1, STEPS);
    onHeap(
        books -> {
          for (long number = STEPS; number < visible; number++) {
            take(books, 1, number);
            acknowledge(1, number);
          }
          take(books, 1, visible);
        });
    assertEquals(1, audit.run().foundTaken());
    assertEquals(visible + 1, Journal.count(job.journal(1)));
    onHeap(books -> books.notes().get(1).removeLast());
    refuses("the list of notes");
  }

  @Test
  void refusesWhatIsLost() throws IOException {
    long visible = nextVisible(0, STEPS);
    for (long number = STEPS; number <= visible; number++) {
      acknowledge(0, number);
    }
    refuses("thread 0 acknowledged " + (visible + 1) + " steps");
  }

  @Test
  void refusesMoneyThatIsMade() throws IOException {
    onHeap(books -> books.accounts().computeIfPresent(3L, (id, account) -> account.plus(1)));
    refuses("2,400,001 cents");
  }

  @Test
  void refusesMoneyInTheWrongAccount() throws IOException {
    onHeap(
        books -> {
          books.accounts().computeIfPresent(3L, (id, account) -> account.plus(1));
          books.accounts().computeIfPresent(4L, (id, account) -> account.plus(-1));
        });
    refuses("accounts differ: 3 should be ");
  }

  @Test
  void refusesWhatNobodyPutThere() throws IOException {
    onHeap(books -> books.texts().put("stranger", "?"));
    refuses("texts: ");
  }

  @Test
  void refusesAJournalThatIsNotOfTheseSteps() throws IOException {
    Files.write(job.journal(0), new byte[32], StandardOpenOption.APPEND);
    refuses("record 400 is not that of");
  }

  @Test
  void refusesAHeapThatIsGone() throws IOException {
    Files.delete(job.heap());
    assertThrows(IOException.class, audit::run);
  }

  private void refuses(String why) {
    AuditException refused = assertThrows(AuditException.class, audit::run);
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
  }
}
