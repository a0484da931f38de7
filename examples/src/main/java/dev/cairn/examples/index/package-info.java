/**
 * The demo: a durable full-text index, built by processes that are killed while they work.
 *
 * <p>Start at {@link dev.cairn.examples.index.WordIndex}: the index itself, on one screen, which is
 * all that a user of Cairn would write. The rest proves that it holds:
 *
 * <ul>
 *   <li>{@link dev.cairn.examples.index.TextTree} and {@link dev.cairn.examples.index.Words} turn
 *       files into words.
 *   <li>{@link dev.cairn.examples.index.IndexWorker} is the process that gets killed, {@link
 *       dev.cairn.examples.index.IndexRun} the one that kills it, at the moments that {@link
 *       dev.cairn.examples.index.KillPlan} draws.
 *   <li>{@link dev.cairn.examples.index.LogIndex} does the same job through file I/O, for
 *       comparison, and {@link dev.cairn.examples.index.MemoryIndex} is how the answer is known.
 *   <li>{@link dev.cairn.examples.index.IndexComparison} compares them, and {@link
 *       dev.cairn.examples.index.DemoReport} prints what was measured.
 *   <li>{@link dev.cairn.examples.index.Demo} is the command.
 * </ul>
 */
@NullMarked
package dev.cairn.examples.index;

import org.jspecify.annotations.NullMarked;
