package dev.cairn.crashtest;

/**
 * A word of an image that is not what was last stored there.
 *
 * @param offset in bytes from the start of the heap, a multiple of 8
 * @param kept what the image holds
 * @param newest what was last stored
 */
public record LostWord(long offset, long kept, long newest) {
  @Override
  public String toString() {
    return "0x%x: 0x%x instead of 0x%x".formatted(offset, kept, newest);
  }
}
