/**
 * Kills: a program of yours runs in a JVM of its own, is killed with SIGKILL, and a check of yours
 * looks at what it left; then again.
 *
 * <p>{@link dev.cairn.crashtest.kill.KillHarness} does that, at moments that a {@link
 * dev.cairn.crashtest.kill.KillPlan} draws: after a delay, after a line that the program printed,
 * or just before or after its n-th fence, for which the program calls {@link
 * dev.cairn.crashtest.kill.KillPoint#arm}. {@link dev.cairn.crashtest.kill.ChildJvm} is the part
 * below: a JVM that can be listened to and killed, and that does not outlive this one.
 *
 * <p><b>What kills show, and what not.</b> The kernel keeps every store that a killed process had
 * made, flushed or not: the page cache, and persistent memory all the more, survive the process. So
 * a kill tests that the <em>order</em> of stores leaves something that recovery understands at any
 * moment, with real threads, real files and the whole program. It cannot find a missing flush or
 * fence. For that there is {@link dev.cairn.crashtest.CrashExplorer}.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout.
 */
@NullMarked
package dev.cairn.crashtest.kill;

import org.jspecify.annotations.NullMarked;
