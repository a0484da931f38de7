/**
 * Bugs planted on purpose, and the crash tests that must notice each of them. {@link
 * dev.cairn.evidence.mutants.MutantsTest} is the entry; {@code docs/crash-testing.md} has the
 * table.
 *
 * <p>Production code knows nothing of this. {@link dev.cairn.evidence.mutants.InstrumentingLoader}
 * loads it anew, with a switch at each call that some mutant changes; the scenarios of {@code
 * scenarios} run in that loader.
 */
@NullMarked
package dev.cairn.evidence.mutants;

import org.jspecify.annotations.NullMarked;
