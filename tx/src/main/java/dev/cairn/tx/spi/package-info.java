/**
 * Transactions as Cairn's own modules see them. {@link dev.cairn.tx.spi.Transactions} belongs to an
 * open heap and begins, joins and recovers; {@link dev.cairn.tx.spi.Transaction} logs, changes and
 * commits; {@link dev.cairn.tx.spi.VersionedLock} isolates.
 *
 * <p>The order of every change, from the outside in: lock, declare, {@linkplain
 * dev.cairn.tx.spi.Transaction#seal seal} (one fence), store in place, commit (two fences). Where
 * all changes are words that are {@linkplain dev.cairn.tx.spi.Transaction#deferWord deferred}:
 * lock, defer, commit (one fence).
 *
 * <p>Null arguments throw {@link NullPointerException} throughout.
 */
@NullMarked
package dev.cairn.tx.spi;

import org.jspecify.annotations.NullMarked;
