/** Linearizability, checked by JetBrains' Lincheck. */
@NullMarked
package dev.cairn.evidence.lincheck;

import org.jspecify.annotations.NullMarked;
