package dev.cairn.examples.index;

import java.util.EnumMap;
import java.util.Map;

/** What there was to index, counted while it was read. */
final class TextFacts {
  private final Map<Content.Kind, Integer> files = new EnumMap<>(Content.Kind.class);
  private long textBytes;

  void count(Content content) {
    files.merge(content.kind(), 1, Integer::sum);
    textBytes += content.sizeBytes();
  }

  int files(Content.Kind kind) {
    return files.getOrDefault(kind, 0);
  }

  int textFiles() {
    return files(Content.Kind.TEXT);
  }

  long textBytes() {
    return textBytes;
  }

  /** Returns what was left out, and why, for people. */
  String skipped() {
    return "left out: %,d binary, %,d unreadable, %,d over %,d MiB"
        .formatted(
            files(Content.Kind.BINARY),
            files(Content.Kind.UNREADABLE),
            files(Content.Kind.TOO_LARGE),
            TextTree.LARGEST_BYTES >> 20);
  }
}
