package dev.cairn.crashtest;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that one crash could have left: a base, which was durable, and the words that reached
 * the medium beyond it. Immutable; images that were taken at the same moment share their base.
 *
 * <p>Two images are equal if they hold the same bytes, wherever those come from.
 */
public final class CrashImage {
  private final long[] base;
  private final long maximumSize;
  private final int[] words;
  private final long[] values;
  private final List<LostWord> lost;
  private final String replay;

  CrashImage(
      long[] base,
      long maximumSize,
      int[] words,
      long[] values,
      List<LostWord> lost,
      String replay) {
    assert words.length == values.length : words.length + " " + values.length;
    this.base = base;
    this.maximumSize = maximumSize;
    this.words = words;
    this.values = values;
    this.lost = List.copyOf(lost);
    this.replay = replay;
  }

  /**
   * Returns how many bytes existed.
   *
   * @return the size in bytes
   */
  public long size() {
    return (long) base.length * Long.BYTES;
  }

  /**
   * Returns how far the medium could grow.
   *
   * @return in bytes
   */
  public long maximumSize() {
    return maximumSize;
  }

  /**
   * Reads a word of the image.
   *
   * @param offset a multiple of 8
   * @return the word
   * @throws IndexOutOfBoundsException if there is no such word
   */
  public long word(long offset) {
    if (offset % Long.BYTES != 0) {
      throw new IllegalArgumentException("offset 0x%x: not a multiple of 8".formatted(offset));
    }
    return wordAt(Math.toIntExact(offset / Long.BYTES));
  }

  /**
   * Returns the words that are not what was last stored there, by rising offset.
   *
   * @return what the crash took
   */
  public List<LostWord> lost() {
    return lost;
  }

  /**
   * Returns the string that leads {@link CrashExplorer#replay} to this image.
   *
   * @return model, event and the version of each word
   */
  public String replay() {
    return replay;
  }

  /** Returns how many words could differ between the images of this moment. */
  int changedWords() {
    return words.length;
  }

  /** Returns the content: the base with the image's own words in place. */
  long[] content() {
    long[] content = base.clone();
    for (int i = 0; i < words.length; i++) {
      content[words[i]] = values[i];
    }
    return content;
  }

  private long wordAt(int word) {
    int i = Arrays.binarySearch(words, word);
    return i >= 0 ? values[i] : base[word];
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof CrashImage that && Arrays.equals(content(), that.content()));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content());
  }

  @Override
  public String toString() {
    return "image " + replay + ", lost " + lost;
  }
}
