package dev.cairn.examples.index;

import dev.cairn.heap.Durability.Level;
import dev.cairn.heap.HeapOptions;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The two ways to a durable index that the demo sets side by side. On an ordinary file, {@code
 * sync} makes both survive a crash of the operating system too; without it, the death of the
 * process only.
 */
enum Storage {
  HEAP("heap") {
    @Override
    Index create(Path path, boolean sync) throws IOException {
      return WordIndex.create(path, options(sync));
    }

    @Override
    Index open(Path path, boolean sync) throws IOException {
      return WordIndex.open(path, options(sync));
    }
  },

  LOG("log") {
    @Override
    Index create(Path path, boolean sync) throws IOException {
      return open(path, sync);
    }

    @Override
    Index open(Path path, boolean sync) throws IOException {
      return LogIndex.open(path, sync);
    }
  };

  private final String label;

  Storage(String label) {
    this.label = label;
  }

  /** Creates an empty index where no file is yet. */
  abstract Index create(Path path, boolean sync) throws IOException;

  /** Opens an index. */
  abstract Index open(Path path, boolean sync) throws IOException;

  /** What a heap is opened with; where there is no page cache, the level makes no difference. */
  static HeapOptions options(boolean sync) {
    return HeapOptions.defaults().withPageCacheLevel(sync ? Level.OS_CRASH : Level.PROCESS_CRASH);
  }

  @Override
  public String toString() {
    return label;
  }
}
