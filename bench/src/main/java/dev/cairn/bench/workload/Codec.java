package dev.cairn.bench.workload;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a key or value, for peers that store only bytes. As compact as a careful user would
 * make them, without the field names and class names of a general serializer.
 *
 * @param <T> what has these bytes
 */
public interface Codec<T> {
  /** Eight bytes, the most significant first, so that their order is that of the numbers. */
  Codec<Long> LONG =
      new Codec<>() {
        @Override
        public byte[] encode(Long value) {
          return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
        }

        @Override
        public Long decode(byte[] bytes) {
          return ByteBuffer.wrap(bytes).getLong();
        }
      };

  /** The bytes themselves. */
  Codec<byte[]> BYTES =
      new Codec<>() {
        @Override
        public byte[] encode(byte[] value) {
          return value;
        }

        @Override
        public byte[] decode(byte[] bytes) {
          return bytes;
        }
      };

  /** One byte for each letter: all strings here are ASCII. */
  Codec<String> ASCII =
      new Codec<>() {
        @Override
        public byte[] encode(String value) {
          return value.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public String decode(byte[] bytes) {
          return new String(bytes, StandardCharsets.ISO_8859_1);
        }
      };

  /** The numbers, then the owner. */
  Codec<Account> ACCOUNT =
      new Codec<>() {
        private static final int NUMBERS = Long.BYTES + 2 * Integer.BYTES;

        @Override
        public byte[] encode(Account value) {
          byte[] owner = value.owner().getBytes(StandardCharsets.ISO_8859_1);
          return ByteBuffer.allocate(NUMBERS + owner.length)
              .putLong(value.cents())
              .putInt(value.branch())
              .putInt(value.openedDay())
              .put(owner)
              .array();
        }

        @Override
        public Account decode(byte[] bytes) {
          ByteBuffer numbers = ByteBuffer.wrap(bytes);
          long cents = numbers.getLong();
          int branch = numbers.getInt();
          int openedDay = numbers.getInt();
          String owner =
              new String(bytes, NUMBERS, bytes.length - NUMBERS, StandardCharsets.ISO_8859_1);
          return new Account(owner, cents, branch, openedDay);
        }
      };

  /** Returns the bytes; the caller does not change them. */
  byte[] encode(T value);

  /** Returns what has these bytes, which may become part of it. */
  T decode(byte[] bytes);
}
