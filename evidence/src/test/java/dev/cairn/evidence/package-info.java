/** What shows that Cairn is whole after any crash: tests of all modules together. */
@NullMarked
package dev.cairn.evidence;

import org.jspecify.annotations.NullMarked;
