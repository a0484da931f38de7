/** The door that users come in by: persistent heaps, maps, lists, and the types they hold. */
module dev.cairn.collections {
  requires transitive dev.cairn.allocator;
  requires static transitive org.jspecify;

  exports dev.cairn.collections;
}
