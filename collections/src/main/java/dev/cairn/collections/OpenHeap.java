package dev.cairn.collections;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transactions;

/**
 * The machinery of an open heap, as collections use it.
 *
 * @param file the file and its state
 * @param accessor its bytes
 * @param transactions begins and joins
 * @param allocator hands out blocks
 */
record OpenHeap(
    HeapFile file, MediumAccessor accessor, Transactions transactions, Allocator allocator) {

  /**
   * Says what an access that failed means to users, when no other thread can be the reason: a
   * closed heap, a file that was cut short, or damage. Never throws, so that whoever ends an
   * operation that failed can go on ending it.
   *
   * @param structure what was being read
   * @param offset where it begins
   * @return what to throw; errors that are neither pass unchanged
   */
  RuntimeException explain(RuntimeException failure, String structure, long offset) {
    if (failure instanceof HeapFailedException) {
      return file.fail("an operation on " + structure, failure); // whatever failed, nobody goes on
    }
    RuntimeException told = failure;
    if (isFromAccessor(failure)) {
      told =
          new HeapCorruptedException(
              structure, offset, "offsets inside the heap", String.valueOf(failure.getMessage()));
    }
    try {
      file.checkUsable();
    } catch (HeapFailedException | IllegalStateException unusable) {
      told = unusable;
    }
    if (told != failure) {
      told.addSuppressed(failure);
    }
    return told;
  }

  /** Whether an access to the medium threw this, and not a caller's own code. */
  private static boolean isFromAccessor(RuntimeException failure) {
    if (failure instanceof IndexOutOfBoundsException
        || failure instanceof IllegalArgumentException) {
      for (StackTraceElement frame : failure.getStackTrace()) {
        String name = frame.getClassName();
        if (!name.startsWith("java.") && !name.startsWith("jdk.")) {
          return name.startsWith("dev.cairn.") && !name.startsWith("dev.cairn.collections.");
        }
      }
    }
    return false;
  }
}
