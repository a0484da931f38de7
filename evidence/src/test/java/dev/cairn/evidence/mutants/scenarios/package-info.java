/**
 * Small crash tests that touch every step of the protocol. Loaded together with the production code
 * that they run on, by the loader that plants the bugs.
 */
@NullMarked
package dev.cairn.evidence.mutants.scenarios;

import org.jspecify.annotations.NullMarked;
