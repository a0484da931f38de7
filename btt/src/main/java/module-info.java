/**
 * A Block Translation Table in user space: a store of equal blocks, each of which a write replaces
 * whole or not at all, in the on-media format of the UEFI specification, the Linux kernel and PMDK.
 */
module dev.cairn.btt {
  requires transitive dev.cairn.heap;
  requires static transitive org.jspecify;

  exports dev.cairn.btt;
}
