package dev.cairn.examples.crash;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The steps of one thread that were acknowledged, in a file outside of the heap. A record goes in
 * by one write, after the step has returned and before the next one begins.
 */
final class Journal implements AutoCloseable {
  /** Divides the size of a page, so that the kernel takes a record whole or not at all. */
  private static final int RECORD_BYTES = 32;

  private final FileOutputStream out;
  private final ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);

  private Journal(FileOutputStream out) {
    this.out = out;
  }

  /** Opens a journal to append to; makes it if there is none. */
  static Journal append(Path path) throws IOException {
    return new Journal(new FileOutputStream(path.toFile(), true));
  }

  void add(Step step) throws IOException {
    record.clear();
    encode(step, record);
    out.write(record.array());
  }

  private static void encode(Step step, ByteBuffer to) {
    to.putLong(step.number());
    to.putInt(step.thread());
    to.putInt(step.kind().code);
    to.putLong(step.key());
    to.putLong(step.digest());
  }

  /** Returns how many steps a journal contains; none if it is not there. */
  static long count(Path path) throws IOException {
    return Files.exists(path) ? Files.size(path) / RECORD_BYTES : 0;
  }

  /**
   * Checks that the records from some number on are those of the steps that the seed gives.
   *
   * @throws AuditException if one is not: then the worker, or the journal, is not to be trusted
   */
  static void check(Path path, long seed, int thread, long from) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
    ByteBuffer expected = ByteBuffer.allocate(RECORD_BYTES);
    for (long number = from; (number + 1) * RECORD_BYTES <= bytes.limit(); number++) {
      Step step = new Step(seed, thread, number);
      encode(step, expected.clear());
      if (!expected.flip().equals(bytes.slice((int) (number * RECORD_BYTES), RECORD_BYTES))) {
        throw new AuditException(
            "journal " + path + ": record " + number + " is not that of " + step);
      }
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
