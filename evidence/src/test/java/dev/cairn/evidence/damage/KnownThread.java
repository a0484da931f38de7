package dev.cairn.evidence.damage;

/**
 * Threads whose number is a multiple of 64: lanes and arenas are chosen by it, and an image can be
 * repeated only if its bytes are the same again.
 */
final class KnownThread {
  private static final int LANES = 64;

  private KnownThread() {}

  static Thread start(Runnable body) {
    while (true) {
      Thread thread = Thread.ofPlatform().name("laboratory").daemon().unstarted(body);
      if (thread.threadId() % LANES == 0) {
        thread.start();
        return thread;
      }
    }
  }
}
