package dev.cairn.crashtest;

/** Translates offsets into names that people know, for failure reports. */
@FunctionalInterface
public interface WordNames {
  /** Names nothing: reports show offsets only. */
  WordNames NONE = offset -> "";

  /**
   * Names a word.
   *
   * @param offset the word's first byte, a multiple of 8
   * @return a name such as {@code lane 3, generation}, or an empty string
   */
  String name(long offset);
}
