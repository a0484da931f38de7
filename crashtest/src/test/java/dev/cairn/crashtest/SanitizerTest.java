package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SanitizerFinding.Kind;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the sanitizer finds, where it says it is, and what it lets pass. */
class SanitizerTest {
  private final SimulatedMedium medium = SimulatedMedium.create(4096, 8192);

  private SanitizerFinding assertFound(Kind kind, long offset, long length, Executable mistake) {
    SanitizerFinding finding = assertThrows(SanitizerError.class, mistake).finding();
    assertEquals(kind, finding.kind(), finding::toString);
    assertEquals(offset, finding.offset(), finding::toString);
    assertEquals(length, finding.length(), finding::toString);
    return finding;
  }

  private void assertPlace(List<StackTraceElement> frames, String method) {
    assertTrue(!frames.isEmpty(), "no place");
    assertEquals(SanitizerTest.class.getName(), outer(frames.getFirst().getClassName()));
    assertTrue(
        frames.stream().anyMatch(frame -> frame.getMethodName().contains(method)),
        frames::toString);
  }

  private static String outer(String name) {
    int inner = name.indexOf('$');
    return inner < 0 ? name : name.substring(0, inner);
  }

  private void persist(long offset, long length) {
    medium.flush(offset, length);
    medium.fence();
  }

  private static void inOtherThread(Runnable action) throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.submit(action).get();
    }
  }

  private void acknowledge() {
    medium.checkDurable();
  }

  private void fenceForNothing() {
    medium.fence();
  }

  private void store(long offset) {
    medium.putLong(offset, 7);
  }

  @Nested
  class StoresThatAreReliedOn {
    @Test
    void mustBeFlushed() {
      store(128);
      SanitizerFinding finding =
          assertFound(Kind.NEVER_FLUSHED, 128, 8, SanitizerTest.this::acknowledge);
      assertPlace(finding.place(), "store");
      assertPlace(finding.reliedOn(), "acknowledge");
      assertTrue(finding.toString().contains("8 bytes at 0x80"), finding::toString);
      assertTrue(finding.toString().contains("SanitizerTest.store"), finding::toString);
    }

    @Test
    void mustBeFenced() {
      store(128);
      medium.flush(128, 8);
      SanitizerFinding finding = assertFound(Kind.NEVER_FENCED, 128, 8, medium::checkDurable);
      assertPlace(finding.place(), "store");
    }

    @Test
    void mustBeFlushedAgainWhenStoredAgain() {
      store(128);
      medium.flush(128, 8);
      medium.putLong(128, 8);
      medium.fence();
      assertFound(Kind.NEVER_FLUSHED, 128, 8, medium::checkDurable);
    }

    @Test
    void areThoseOfTheCallingThreadOnly() throws Exception {
      store(128);
      inOtherThread(medium::checkDurable);
      persist(128, 8);
      medium.checkDurable();
    }

    @Test
    void areThoseOfAllThreadsAtClose() throws Exception {
      inOtherThread(() -> store(128));
      assertFound(Kind.NEVER_FLUSHED, 128, 8, medium::close);
      assertThrows(IllegalStateException.class, medium::fence, "closed even so");
      medium.close();
    }

    @Test
    void areThoseOfATransactionAtItsCommit() {
      medium.fresh(128, 64);
      store(128);
      assertFound(Kind.NEVER_FLUSHED, 128, 8, () -> medium.transactionEnded(true));
    }

    @Test
    void areNotWhatAnAbortedTransactionHadFresh() {
      medium.fresh(128, 64);
      store(128);
      medium.transactionEnded(false);
      medium.checkDurable();
      medium.close();
    }

    @Test
    void areAlsoWhatAnAbortedTransactionHadNotFresh() {
      medium.snapshotted(128, 64);
      store(128);
      medium.transactionEnded(false);
      assertFound(Kind.NEVER_FLUSHED, 128, 8, medium::checkDurable);
    }

    @Test
    void areNotWhatWasGivenUp() {
      medium.fresh(128, 64);
      store(128);
      medium.released(128);
      medium.transactionEnded(true);
      medium.checkDurable();
    }

    @Test
    void areNotWhatWasDiscardedUnlessStoredAgain() {
      medium.putLong(128, 7);
      medium.discarded(128, 8);
      medium.checkDurable();
      medium.putLong(128, 7);
      assertFound(Kind.NEVER_FLUSHED, 128, 8, medium::checkDurable);
    }

    @Test
    void areNotLookedAtAfterAPowerCut() {
      medium.onEvent(
          (kind, index) -> {
            throw new PowerCutException("now");
          });
      store(128);
      assertThrows(PowerCutException.class, () -> medium.flush(128, 8));
      medium.transactionEnded(true);
      medium.checkDurable();
      medium.close();
    }
  }

  @Nested
  class FlushesAndFences {
    @Test
    void aFlushNeedsAStore() {
      SanitizerFinding finding = assertFound(Kind.CLEAN_FLUSH, 0, 64, () -> medium.flush(0, 8));
      assertPlace(finding.place(), "aFlushNeedsAStore");
      assertEquals(List.of(), finding.reliedOn());
    }

    @Test
    void aFlushOfADurableLineIsNeedless() {
      store(64);
      persist(64, 8);
      assertFound(Kind.CLEAN_FLUSH, 64, 64, () -> medium.flush(64, 8));
    }

    @Test
    void aSecondFlushIsNeedless() {
      store(64);
      medium.flush(64, 8);
      assertFound(Kind.CLEAN_FLUSH, 64, 64, () -> medium.flush(64, 8));
    }

    /** Another thread's flush in between made the medium forget this thread's. */
    @Test
    void aSecondFlushIsNeedlessThoughAnotherThreadFlushedToo() throws Exception {
      store(64);
      medium.flush(64, 8);
      inOtherThread(() -> medium.flush(64, 8));
      assertFound(Kind.CLEAN_FLUSH, 64, 64, () -> medium.flush(64, 8));
    }

    @Test
    void eachLineOfAFlushNeedsAStore() {
      store(0);
      store(192);
      assertFound(Kind.CLEAN_FLUSH, 64, 128, () -> medium.flush(0, 256));
      medium.fence();
      medium.checkDurable();
    }

    /** It cannot know that another thread has done its work. */
    @Test
    void aThreadMayFlushWhatAnotherOneMadeDurable() throws Exception {
      store(64);
      inOtherThread(() -> persist(64, 8));
      persist(64, 8);
      assertEquals(0, medium.counts().idleLines());
      assertEquals(0, medium.counts().idleFences());
      assertFound(Kind.CLEAN_FLUSH, 64, 64, () -> medium.flush(64, 8));
    }

    @Test
    void aFenceNeedsAFlush() {
      SanitizerFinding finding =
          assertFound(Kind.IDLE_FENCE, 0, 0, SanitizerTest.this::fenceForNothing);
      assertPlace(finding.place(), "fenceForNothing");
    }

    @Test
    void aFenceNeedsAFlushOfItsThread() throws Exception {
      store(64);
      inOtherThread(() -> medium.flush(64, 8));
      assertFound(Kind.IDLE_FENCE, 0, 0, medium::fence);
    }

    @Test
    void aSecondFenceIsNeedless() {
      store(64);
      persist(64, 8);
      assertFound(Kind.IDLE_FENCE, 0, 0, medium::fence);
    }

    @Test
    void makeNoDifferenceWhereCachesSurvive() {
      try (SimulatedMedium eadr = SimulatedMedium.create(64, 64, CrashModel.EADR)) {
        eadr.putLong(0, 1);
        eadr.flush(0, 8);
        eadr.fence();
        eadr.fence();
      }
    }
  }

  @Nested
  class StoresInPlace {
    @Test
    void needNoAnnouncementWhereNobodyMakesAny() {
      store(0);
      persist(0, 8);
      medium.close();
    }

    @Test
    void mustBeSnapshotted() {
      medium.snapshotted(64, 64);
      store(64);
      store(120);
      SanitizerFinding finding =
          assertFound(Kind.UNDECLARED_STORE, 128, 8, () -> medium.putLong(128, 1));
      assertPlace(finding.place(), "mustBeSnapshotted");
    }

    @Test
    void mustBeSnapshottedAsAWhole() {
      medium.snapshotted(64, 64);
      assertFound(Kind.UNDECLARED_STORE, 128, 16, () -> medium.put(64, new byte[80]));
    }

    @Test
    void mayBeFresh() {
      medium.fresh(64, 64);
      store(64);
      persist(64, 8);
      medium.transactionEnded(true);
    }

    @Test
    void areOverWithTheTransaction() {
      medium.fresh(64, 64);
      medium.transactionEnded(true);
      assertFound(Kind.UNDECLARED_STORE, 64, 8, () -> store(64));
    }

    @Test
    void ofAnEarlierTransactionDoNotCountForTheNext() {
      medium.fresh(64, 64);
      medium.transactionEnded(true);
      medium.fresh(128, 64);
      assertFound(Kind.UNDECLARED_STORE, 64, 8, () -> store(64));
    }

    @Test
    void areOverWithTheRelease() {
      medium.fresh(64, 64);
      medium.fresh(128, 64);
      medium.released(64);
      store(128);
      assertFound(Kind.UNDECLARED_STORE, 64, 8, () -> store(64));
    }

    @Test
    void mayNotBeMadeToWhatAnotherTransactionHas() throws Exception {
      inOtherThread(() -> medium.snapshotted(64, 64));
      medium.snapshotted(128, 64);
      store(128);
      assertFound(Kind.FOREIGN_STORE, 64, 8, () -> store(64));
    }

    @Test
    void belongToWhoGotTheMemoryLast() throws Exception {
      medium.fresh(64, 64);
      inOtherThread(
          () -> {
            medium.fresh(64, 64);
            store(64);
          });
      assertFound(Kind.FOREIGN_STORE, 64, 8, () -> store(64));
    }

    @Test
    void ofAProtocolNeedNoSnapshot() {
      medium.storedByProtocol(0, 8);
      assertFound(Kind.UNDECLARED_STORE, 0, 8, () -> store(0));
    }

    @Test
    void areLookedAtAfterGrowth() {
      medium.fresh(0, 64);
      medium.grow(8192);
      assertFound(Kind.UNDECLARED_STORE, 8000, 8, () -> store(8000));
      medium.fresh(8000, 64);
      medium.putLong(8000, 8);
    }
  }

  @Nested
  class Policies {
    @Test
    void offFindsNothing() {
      medium.sanitizeWith(Sanitizer.off());
      everythingWrong();
      assertEquals(List.of(), Sanitizer.off().findings());
    }

    @Test
    void collectingFindsEverythingAndDisturbsNothing() {
      Sanitizer sanitizer = Sanitizer.collecting();
      medium.sanitizeWith(sanitizer);
      everythingWrong();
      everythingWrong();
      List<SanitizerFinding> findings = sanitizer.findings();
      List<Kind> kinds = findings.stream().map(SanitizerFinding::kind).toList();
      assertTrue(
          kinds.containsAll(
              List.of(
                  Kind.CLEAN_FLUSH, Kind.IDLE_FENCE, Kind.UNDECLARED_STORE, Kind.NEVER_FLUSHED)),
          kinds::toString);
    }

    @Test
    void collectingCountsByPlace() {
      Sanitizer sanitizer = Sanitizer.collecting();
      medium.sanitizeWith(sanitizer);
      for (int i = 0; i < 5; i++) {
        medium.fence();
      }
      medium.fence();
      assertEquals(2, sanitizer.findings().size());
      assertEquals(5, sanitizer.findings().getFirst().count());
      assertTrue(sanitizer.findings().getFirst().toString().contains("(5 times)"));
    }

    @Test
    void failingFailsOnce() {
      assertThrows(SanitizerError.class, medium::fence);
      assertDoesNotThrow(medium::fence);
    }

    private void everythingWrong() {
      medium.fence();
      medium.flush(0, 8);
      medium.fresh(64, 64);
      medium.putLong(128, medium.getLong(128) + 1);
      medium.transactionEnded(true);
    }
  }

  @Nested
  class InAnExplorer {
    private static final CrashExplorer EXPLORER = CrashExplorer.onMedium(4096);

    private static SanitizerFinding causeOf(CrashTestFailure failure) {
      return assertInstanceOf(SanitizerError.class, failure.getCause()).finding();
    }

    private static void write(SimulatedMedium medium, long offset) {
      medium.putLong(offset, medium.getLong(offset) + 1);
      medium.flush(offset, 8);
      medium.fence();
    }

    @Test
    void anAcknowledgementReliesOnWhatWasStored() {
      SanitizerError thrown =
          assertThrows(
              SanitizerError.class,
              () ->
                  EXPLORER.explore(
                      (medium, recorder) -> {
                        recorder.start();
                        write(medium, 0);
                        medium.putLong(64, 1);
                        recorder.acknowledge("written");
                      },
                      (medium, progress) -> {}));
      assertEquals(Kind.NEVER_FLUSHED, thrown.finding().kind());
      assertEquals(64, thrown.finding().offset());
    }

    @Test
    void whatTheWorkloadLeavesUnacknowledgedMayBeLost() {
      EXPLORER.explore(
          (medium, recorder) -> {
            recorder.start();
            medium.putLong(64, 1);
          },
          (medium, progress) -> {});
    }

    /** Transactions turn what the medium throws into exceptions of their own. */
    @Test
    void aFindingThatTheWorkloadSwallowsIsToldAllTheSame() {
      SanitizerError[] caught = new SanitizerError[1];
      SanitizerError thrown =
          assertThrows(
              SanitizerError.class,
              () ->
                  EXPLORER.explore(
                      (medium, recorder) -> {
                        recorder.start();
                        caught[0] = assertThrows(SanitizerError.class, medium::fence);
                      },
                      (medium, progress) -> {}));
      assertSame(caught[0], thrown);
    }

    @Test
    void theEndOfRecoveryReliesOnWhatItStored() {
      for (int depth = 0; depth <= 1; depth++) {
        CrashExplorer explorer = EXPLORER.withNestedDepth(depth);
        CrashTestFailure failure =
            assertThrows(
                CrashTestFailure.class,
                () ->
                    explorer.explore(
                        (medium, recorder) -> {
                          recorder.start();
                          write(medium, 0);
                        },
                        (medium, progress) -> medium.putLong(64, 1)));
        assertEquals(Kind.NEVER_FLUSHED, causeOf(failure).kind());
        assertTrue(failure.replay().startsWith("words@"), failure::replay);
      }
    }

    @Test
    void recoveryIsLookedAtLikeTheWorkload() {
      CrashTestFailure failure =
          assertThrows(
              CrashTestFailure.class,
              () ->
                  EXPLORER.explore(
                      (medium, recorder) -> {
                        recorder.start();
                        write(medium, 0);
                      },
                      (medium, progress) -> {
                        assertThrows(SanitizerError.class, () -> medium.flush(0, 8));
                      }));
      assertEquals(Kind.CLEAN_FLUSH, causeOf(failure).kind());
    }

    /** What a recovery stores in place must be announced if the workload announces. */
    @Test
    void recoveryAnnouncesIfTheWorkloadDoes() {
      Workload workload =
          (medium, recorder) -> {
            medium.fresh(0, 64);
            recorder.start();
            write(medium, 0);
            medium.transactionEnded(true);
          };
      assertThrows(
          CrashTestFailure.class,
          () -> EXPLORER.explore(workload, (medium, progress) -> write(medium, 64)));
      EXPLORER.explore(
          workload,
          (medium, progress) -> {
            medium.snapshotted(64, 8);
            write(medium, 64);
            medium.transactionEnded(true);
          });
    }

    @Test
    void offFindsNothing() {
      Workload workload =
          (medium, recorder) -> {
            recorder.start();
            medium.fence();
            medium.putLong(64, 1);
            recorder.acknowledge("nothing");
          };
      CrashCheck check =
          (medium, progress) -> {
            medium.fence();
            medium.putLong(128, 1);
          };
      EXPLORER.withSanitizer(Sanitizer.off()).explore(workload, check);
      Sanitizer collecting = Sanitizer.collecting();
      EXPLORER.withSanitizer(collecting).explore(workload, check);
      assertEquals(4, collecting.findings().size(), () -> collecting.findings().toString());
    }
  }
}
