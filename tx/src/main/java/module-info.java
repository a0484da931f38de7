/**
 * Undo-log transactions over a heap: lanes, snapshots, commit, abort, recovery, and the locks that
 * isolate one transaction from another.
 *
 * <p>Users meet the exceptions in {@code dev.cairn.tx}. The machinery is in {@code
 * dev.cairn.tx.spi}, for Cairn's own modules only.
 */
@SuppressWarnings(
    "module") // names the friends that packages are exported to; they are compiled later
module dev.cairn.tx {
  requires transitive dev.cairn.heap;
  requires static transitive org.jspecify;

  exports dev.cairn.tx;
  exports dev.cairn.tx.spi to
      dev.cairn.allocator,
      dev.cairn.collections,
      dev.cairn.bench;
}
