package dev.cairn.examples.index;

/**
 * What an index knows of a file as a whole.
 *
 * @param words how many words, repetitions included
 * @param distinctWords how many different ones
 */
record FileTotals(int words, int distinctWords) {}
