package dev.cairn.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the numbered examples as a reader would, and looks for what they promise to print. */
class ExamplesTest {
  @TempDir private Path folder;

  /** A program with a main method. */
  @FunctionalInterface
  private interface Program {
    void main(String[] args) throws Exception;
  }

  @Test
  void createsAndReopens() throws Exception {
    String printed = run(Example01_CreateAndReopen::main);
    assertTrue(printed.contains("Account 17: Account[owner=Alice, cents=10000]"), printed);
    assertTrue(printed.contains("Journal: [opened account 17]"), printed);
  }

  @Test
  void undoesWhatAnExceptionInterrupts() throws Exception {
    String printed = run(Example02_Transactions::main);
    assertTrue(printed.contains("Undone, because of: java.lang.Illegal"), printed);
    String undone = printed.substring(printed.indexOf("After one that was undone"));
    assertTrue(undone.contains("Alice=7000"), printed);
    assertTrue(undone.contains("Bob=3000"), printed);
  }

  @Test
  void findsAfterAKillWhatWasAcknowledged() throws Exception {
    String printed = run(Example03_SurviveAKill::main);
    assertTrue(printed.contains("Last number in the list: "), printed);
  }

  @Test
  void survivesTenKills() throws Exception {
    String printed = run(Example05_KillHarness::main);
    assertTrue(printed.contains("10 kills survived"), printed);
  }

  @Test
  void findsATransferThatACrashCouldCutInHalf() throws Exception {
    String printed = run(Example04_CrashTest::main);
    assertTrue(printed.contains("Transfers in a transaction: all "), printed);
    String failure = printed.substring(printed.indexOf("Transfers without one: "));
    assertTrue(failure.contains("the sum of all accounts is 95, expected 100"), failure);
    assertTrue(failure.contains("5 to Carol: in flight"), failure);
    assertTrue(failure.contains("with 1 of 2 operations"), failure);
    assertTrue(failure.contains("Example04_CrashTest.java"), failure);
    assertTrue(failure.contains("replay \"words#1@"), failure);
  }

  @Test
  void keepsBlocksWhole() throws Exception {
    String printed = run(Example06_AtomicBlocks::main);
    assertTrue(printed.contains("4,096 bytes each, in START"), printed);
    assertTrue(printed.contains("Block 7: replaced whole"), printed);
  }

  @Test
  void doesEachJobOnce() throws Exception {
    String printed = run(Example07_JobQueue::main);
    assertTrue(printed.contains("Waiting: 998, running: {"), printed);
    assertTrue(printed.contains("Waiting, after the restart: 1,000"), printed);
    assertTrue(printed.contains("Results: 1,000, of which 168 say"), printed);
  }

  @Test
  void findsRangesOfKeys() throws Exception {
    String printed = run(Example08_TreeMapRanges::main);
    assertTrue(printed.contains("Around noon: 13 values, first 2026-01-01T11:00:00Z="), printed);
    assertTrue(printed.contains("Last before 06:05: 2026-01-01T06:00:00Z=10.0"), printed);
    assertTrue(printed.contains("Backwards: 2026-01-01T23:50:00Z"), printed);
    assertTrue(printed.contains("Afternoon only: 72 values, from 2026-01-01T12:00"), printed);
  }

  private String run(Program program) throws Exception {
    String[] path = {folder.resolve("example.heap").toString()};
    return Printed.by(() -> program.main(path));
  }
}
