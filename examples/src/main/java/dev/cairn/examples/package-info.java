/**
 * Numbered examples, one idea each: read them in order. Each takes the path of a heap file that
 * does not exist yet. The larger programs are in {@code dev.cairn.examples.index} and {@code
 * dev.cairn.examples.crash}.
 */
@NullMarked
package dev.cairn.examples;

import org.jspecify.annotations.NullMarked;
