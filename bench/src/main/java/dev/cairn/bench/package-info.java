/**
 * What Cairn costs, beside what others cost: {@code ./cairn bench}.
 *
 * <p>{@link dev.cairn.bench.Bench} is the command. It starts a JVM for each peer and each workload
 * ({@code dev.cairn.bench.run}), which fills a store of the peer ({@code dev.cairn.bench.peer})
 * with the entries of the workload ({@code dev.cairn.bench.workload}) and measures operations on
 * it. What they say becomes a table, a page and a file ({@code dev.cairn.bench.report}). Questions
 * that need no peer are JMH benchmarks in this package.
 */
@NullMarked
package dev.cairn.bench;

import org.jspecify.annotations.NullMarked;
