package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * Moves one unit between two words under an undo log, and recovers in several ways: right, and
 * wrong such that only a crash of the recovery itself shows it.
 */
class UndoLogTest {
  private static final long OLD_A = 0;
  private static final long OLD_B = 8;
  private static final long VALID = 64;
  private static final long ATTEMPTS = 128;
  private static final long A = 256;
  private static final long B = 320;

  /** Without the sanitizer, which would find most of the mistakes before the explorer does. */
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(4096).withSanitizer(Sanitizer.off());

  private interface Recovery {
    void recover(SimulatedMedium medium);
  }

  private static void transfer(SimulatedMedium medium, Recorder recorder) {
    put(medium, A, 10);
    put(medium, B, 20);
    recorder.start();
    medium.putLong(OLD_A, medium.getLong(A));
    medium.putLong(OLD_B, medium.getLong(B));
    persist(medium, OLD_A, 16);
    put(medium, VALID, 1);
    medium.putLong(A, 11);
    medium.putLong(B, 19);
    medium.flush(A, 8);
    persist(medium, B, 8);
    put(medium, VALID, 0);
    recorder.acknowledge("transfer");
  }

  private static void put(SimulatedMedium medium, long offset, long value) {
    medium.putLong(offset, value);
    persist(medium, offset, 8);
  }

  private static void persist(SimulatedMedium medium, long offset, long length) {
    medium.flush(offset, length);
    medium.fence();
  }

  private static void restore(SimulatedMedium medium) {
    medium.putLong(A, medium.getLong(OLD_A));
    medium.putLong(B, medium.getLong(OLD_B));
    medium.flush(A, 8);
    persist(medium, B, 8);
  }

  private static void recover(SimulatedMedium medium) {
    if (medium.getLong(VALID) == 1) {
      put(medium, ATTEMPTS, medium.getLong(ATTEMPTS) + 1);
      restore(medium);
      put(medium, VALID, 0);
    }
  }

  private static void voidTheLogFirst(SimulatedMedium medium) {
    if (medium.getLong(VALID) == 1) {
      put(medium, VALID, 0);
      restore(medium);
    }
  }

  private static void forgetTheLastFence(SimulatedMedium medium) {
    if (medium.getLong(VALID) == 1) {
      medium.putLong(A, medium.getLong(OLD_A));
      medium.putLong(B, medium.getLong(OLD_B));
      medium.putLong(VALID, 0);
      medium.flush(0, 4096);
    }
  }

  private static void giveUpAtTheThirdAttempt(SimulatedMedium medium) {
    if (medium.getLong(VALID) == 1) {
      put(medium, ATTEMPTS, medium.getLong(ATTEMPTS) + 1);
      if (medium.getLong(ATTEMPTS) < 3) {
        restore(medium);
      }
      put(medium, VALID, 0);
    }
  }

  private static CrashCheck checkWith(Recovery recovery) {
    return (medium, progress) -> {
      recovery.recover(medium);
      long a = medium.getLong(A);
      assertEquals(30, a + medium.getLong(B), "sum");
      assertTrue(a == 11 || (a == 10 && progress.count() == 0), "a is " + a);
    };
  }

  private static ExplorationReport explore(int nestedDepth, Recovery recovery) {
    return EXPLORER
        .withNestedDepth(nestedDepth)
        .explore(UndoLogTest::transfer, checkWith(recovery));
  }

  @Test
  void theRightRecoverySurvivesItsOwnCrashes() {
    ExplorationReport report = explore(2, UndoLogTest::recover);

    assertTrue(report.nestedImages() > 0, report.toString());
  }

  @Test
  void aMissingRecoveryIsCaught() {
    assertThrows(CrashTestFailure.class, () -> explore(0, medium -> {}));
  }

  @Test
  void theFewestCrashesThatShowAFaultAreReported() {
    Recovery wrong =
        medium -> {
          recover(medium);
          put(medium, A, 12);
        };

    CrashTestFailure failure = assertThrows(CrashTestFailure.class, () -> explore(2, wrong));
    assertEquals(1, failure.progress().crashes());
  }

  @Test
  void recoveryThatVoidsTheLogFirstIsCaughtByItsOwnCrashOnly() {
    explore(0, UndoLogTest::voidTheLogFirst);

    CrashTestFailure failure =
        assertThrows(CrashTestFailure.class, () -> explore(1, UndoLogTest::voidTheLogFirst));
    assertEquals(2, failure.progress().crashes());
    assertTrue(failure.getMessage().contains("its recovery crashed"), failure.getMessage());
    assertTrue(failure.getMessage().contains("UndoLogTest.voidTheLogFirst"), failure.getMessage());
  }

  @Test
  void recoveryThatEndsWithoutFenceIsCaughtByItsOwnCrashOnly() {
    explore(0, UndoLogTest::forgetTheLastFence);

    assertThrows(CrashTestFailure.class, () -> explore(1, UndoLogTest::forgetTheLastFence));
  }

  @Test
  void recoveryThatGivesUpIsCaughtByTheThirdCrash() {
    explore(1, UndoLogTest::giveUpAtTheThirdAttempt);

    CrashTestFailure failure =
        assertThrows(
            CrashTestFailure.class, () -> explore(2, UndoLogTest::giveUpAtTheThirdAttempt));
    assertEquals(3, failure.progress().crashes());
  }

  @Test
  void aNestedFailureCanBeReplayed() {
    CrashTestFailure failure =
        assertThrows(
            CrashTestFailure.class, () -> explore(2, UndoLogTest::giveUpAtTheThirdAttempt));

    CrashTestFailure again =
        assertThrows(
            CrashTestFailure.class,
            () ->
                EXPLORER.replay(
                    failure.replay(),
                    UndoLogTest::transfer,
                    checkWith(UndoLogTest::giveUpAtTheThirdAttempt)));
    assertEquals(failure.image(), again.image());
    assertEquals(failure.replay(), again.replay());

    // The mended recovery takes another way: the path ends where its events do.
    assertThrows(
        IllegalStateException.class,
        () -> EXPLORER.replay("words@99:", UndoLogTest::transfer, checkWith(UndoLogTest::recover)));
  }

  @Test
  void aCheckMayTryTheHeapOutAfterRecovery() {
    CrashCheck good = checkWith(UndoLogTest::recover);

    CrashCheck disturbing =
        (medium, progress) -> {
          good.check(medium, progress);
          put(medium, A, 77);
        };
    assertThrows(CrashTestFailure.class, () -> EXPLORER.explore(UndoLogTest::transfer, disturbing));

    EXPLORER.explore(
        UndoLogTest::transfer,
        (medium, progress) -> {
          good.check(medium, progress);
          medium.onEvent(EventHook.NONE);
          put(medium, A, 77);
        });
  }
}
