/** Crash testing. */
@NullMarked
package dev.cairn.crashtest;

import org.jspecify.annotations.NullMarked;
