package dev.cairn.btt;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The checksum of info blocks, over little-endian 32-bit words. */
final class Fletcher64 {
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Fletcher64() {}

  /**
   * Computes the checksum. That of zeros is zero, so it alone never tells an empty block.
   *
   * @param bytes a whole number of words
   */
  static long of(byte[] bytes) {
    assert bytes.length % Integer.BYTES == 0 : bytes.length;
    int low = 0;
    int high = 0;
    for (int at = 0; at < bytes.length; at += Integer.BYTES) {
      low += (int) WORD.get(bytes, at);
      high += low;
    }
    return ((long) high << 32) | Integer.toUnsignedLong(low);
  }
}
