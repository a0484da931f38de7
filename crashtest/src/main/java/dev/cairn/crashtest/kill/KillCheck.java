package dev.cairn.crashtest.kill;

/** Decides whether what a killed program left is as it should be. */
@FunctionalInterface
public interface KillCheck {

  /**
   * Looks at what a killed program left: reopens it, verifies it, compares it with what the program
   * had acknowledged. Called in the JVM of the harness, after the program's JVM has ended.
   *
   * <p>The next round goes on with what this leaves. A heap that is reopened here was recovered
   * here; look at a copy instead, and the next program has to recover it, and may be killed while
   * it does.
   *
   * @param killed what was killed, and what it had said
   * @return what was found
   * @throws Exception if something is wrong, as are errors: the run ends with a failure
   */
  KillFinding check(KilledChild killed) throws Exception;
}
