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
  WORDS(Long.BYTES),
  /**
   * Each 64-byte line, independently, is as it was at one moment since it was last durable. For
   * protocols that lean on the order of stores within a line, as x86 keeps it. A store of several
   * words counts as one store per word, by rising offset.
   */
  LINES(64),
  /**
   * Each 512-byte sector, independently, is as it was at one moment since it was last durable. For
   * heaps on block media, which write a sector as a whole or not at all.
   *
   * <p>Promised: an image shows a store to a sector only together with all stores that were made to
   * that sector before; a flush of any byte covers all of its sector, as it is at that moment, so
   * that after the fence nothing older is left of it. Not promised: any order between sectors; that
   * a larger block, such as a page, is whole; and nothing about media that tear sectors. A store of
   * several words counts as one store per word, by rising offset, so that a sector may be written
   * back in the middle of it. Code that holds under this model may fail under {@link #WORDS} and
   * {@link #LINES}, but not the other way round.
   */
  SECTORS(512),
  /**
   * Caches survive the power failure too: what was stored is durable at once, in program order.
   * Only the store under way may be there in part, word by word. There is an image for every store,
   * not only for flushes and fences, which make no difference here.
   */
  EADR(Long.BYTES);

  private final int cellSize;

  CrashModel(int cellSize) {
    this.cellSize = cellSize;
  }

  /** Returns how many bytes, aligned, share their fate. */
  int cellSize() {
    return cellSize;
  }
}
