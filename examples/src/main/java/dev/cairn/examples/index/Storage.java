package dev.cairn.examples.index;

import java.io.IOException;
import java.nio.file.Path;

/** The two ways to a durable index that the demo sets side by side. */
enum Storage {
  HEAP("heap") {
    @Override
    Index open(Path path) throws IOException {
      return WordIndex.open(path);
    }
  },
  LOG("log") {
    @Override
    Index open(Path path) throws IOException {
      return LogIndex.open(path);
    }
  };

  private final String label;

  Storage(String label) {
    this.label = label;
  }

  abstract Index open(Path path) throws IOException;

  @Override
  public String toString() {
    return label;
  }
}
