/**
 * The crash test that one can run: {@code ./cairn crash}.
 *
 * <ul>
 *   <li>{@link dev.cairn.examples.crash.CrashWorker} is the process that gets killed. Its threads
 *       take {@link dev.cairn.examples.crash.Step}s on the {@link dev.cairn.examples.crash.Books},
 *       and write each one that has returned into a {@link dev.cairn.examples.crash.Journal}.
 *   <li>What a thread's n-th step is depends on the seed alone, and Cairn's collections are {@code
 *       java.util} ones. So {@link dev.cairn.examples.crash.Audit} takes the same steps, by the
 *       same code, on plain collections, and knows what the heap must hold after a kill, to the
 *       byte.
 *   <li>{@link dev.cairn.examples.crash.CrashLane} lets a {@link
 *       dev.cairn.crashtest.kill.KillHarness} kill, {@link dev.cairn.examples.crash.CrashTotals}
 *       counts, and {@link dev.cairn.examples.crash.Crash} is the command.
 * </ul>
 */
@NullMarked
package dev.cairn.examples.crash;

import org.jspecify.annotations.NullMarked;
