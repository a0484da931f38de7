/**
 * Crash testing: does what your code acknowledged survive a crash at any point, and is the rest
 * whole or absent?
 *
 * <p>{@link dev.cairn.crashtest.SimulatedMedium} stands in for persistent memory and remembers what
 * is durable and what is not. {@link dev.cairn.crashtest.CrashExplorer} runs a {@link
 * dev.cairn.crashtest.Workload} on it and hands each image that a crash could have left, under a
 * {@link dev.cairn.crashtest.CrashModel}, to a {@link dev.cairn.crashtest.CrashCheck}. An image
 * that the check refuses ends in a {@link dev.cairn.crashtest.CrashTestFailure}, which says what
 * was lost where, and how to see it again.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout.
 */
@NullMarked
package dev.cairn.crashtest;

import org.jspecify.annotations.NullMarked;
