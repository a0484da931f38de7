/** Heaps that are damaged on purpose: what is wrong is told, or it does no harm. */
@NullMarked
package dev.cairn.evidence.damage;

import org.jspecify.annotations.NullMarked;
