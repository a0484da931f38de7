/**
 * What can go wrong in a transaction, as far as users see it.
 *
 * <p>Null arguments throw {@link NullPointerException} throughout.
 */
@NullMarked
package dev.cairn.tx;

import org.jspecify.annotations.NullMarked;
