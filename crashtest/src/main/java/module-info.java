/**
 * Crash testing: a medium that remembers every store, flush and fence, and an explorer that builds
 * the images a crash could have left; and a harness that kills real processes.
 */
module dev.cairn.crashtest {
  requires transitive dev.cairn.heap;
  requires java.management;
  requires static transitive org.jspecify;

  exports dev.cairn.crashtest;
  exports dev.cairn.crashtest.kill;
}
