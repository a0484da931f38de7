package dev.cairn.examples;

import dev.cairn.btt.BttOptions;
import dev.cairn.btt.BttPlacement;
import dev.cairn.btt.BttStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Blocks without a heap: a write replaces one whole, or not at all, whatever happens. */
public final class Example06_AtomicBlocks {
  private static final int BLOCK_SIZE = 4096;

  private Example06_AtomicBlocks() {}

  /** Runs the example; the argument is a path where nothing is yet. */
  public static void main(String[] args) throws IOException {
    Path path = Path.of(args[0]);
    BttOptions options = BttOptions.of(BttPlacement.START, BLOCK_SIZE);
    try (BttStore store = BttStore.create(path, 32 << 20, options)) {
      store.write(7, block("as it was first"));
      store.write(7, block("replaced whole")); // durable when this returns
    }
    try (BttStore store = BttStore.open(path)) { // finds out by itself what the file is
      System.out.printf(
          "%,d blocks of %,d bytes each, in %s%n",
          store.blockCount(), store.blockSize(), store.placement());
      byte[] content = new byte[store.blockSize()];
      store.read(7, content);
      System.out.println("Block 7: " + text(content));
    }
  }

  private static byte[] block(String text) {
    return Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), BLOCK_SIZE);
  }

  private static String text(byte[] block) {
    return new String(block, StandardCharsets.UTF_8).strip().replace("\0", "");
  }
}
