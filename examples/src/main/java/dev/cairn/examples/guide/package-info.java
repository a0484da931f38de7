/** The program of the guide, {@code docs/guide.md}, and its crash test. */
@NullMarked
package dev.cairn.examples.guide;

import org.jspecify.annotations.NullMarked;
