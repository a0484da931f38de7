/** Benchmarks: one class for each question. Run them with {@code ./cairn bench}. */
@NullMarked
package dev.cairn.bench;

import org.jspecify.annotations.NullMarked;
