package dev.cairn.examples.index;

/**
 * What was found in a file.
 *
 * @param kind text, or why not
 * @param text empty unless it is text
 * @param sizeBytes of the file, 0 unless it is text
 */
record Content(Kind kind, String text, int sizeBytes) {
  static final Content BINARY = new Content(Kind.BINARY, "", 0);
  static final Content TOO_LARGE = new Content(Kind.TOO_LARGE, "", 0);
  static final Content UNREADABLE = new Content(Kind.UNREADABLE, "", 0);

  enum Kind {
    TEXT,
    BINARY,
    TOO_LARGE,
    UNREADABLE
  }

  boolean isText() {
    return kind == Kind.TEXT;
  }
}
