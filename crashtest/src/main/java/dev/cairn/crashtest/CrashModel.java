package dev.cairn.crashtest;

/**
 * What a crash may leave of stores that are not yet known durable.
 *
 * <p>The rules that hold for all: an aligned 8-byte word never tears; what a thread stored, then
 * flushed, is durable once that thread's next fence returns, and a fence answers for the flushes of
 * its own thread only. A flush covers the values that the words of its lines have at that moment,
 * not those that are stored later. Whatever is not durable may have reached the medium all the
 * same, because caches write lines back when they like. The models differ in how much of it may be
 * missing from an image.
 */
public enum CrashModel {
  /**
   * Each aligned 8-byte word, independently, has any value that it had from the last durable one to
   * the newest. Lines tear, and nothing leans on the order of stores within a line. What Cairn
   * itself is tested against.
   */
  WORDS,
  /**
   * Each 64-byte line, independently, is as it was at one moment since it was last durable. For
   * protocols that lean on the order of stores within a line, as x86 keeps it. A store of several
   * words counts as one store per word, by rising offset.
   */
  LINES,
  /**
   * Caches survive the power failure too: what was stored is durable at once, in program order.
   * Only the store under way may be there in part, word by word. There is an image for every store,
   * not only for flushes and fences, which make no difference here.
   */
  EADR
}
