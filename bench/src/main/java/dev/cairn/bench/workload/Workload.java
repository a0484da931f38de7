package dev.cairn.bench.workload;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * Entries that all peers store alike. Keys are numbered; their order in the store has nothing to do
 * with their numbers. Every value carries an amount, which transfers move.
 *
 * @param name for the command line and for files
 * @param title for people
 * @param keyClass class of the keys
 * @param valueClass class of the values
 * @param keys bytes of keys
 * @param values bytes of values
 * @param payloadBytes of one entry, key and value, without anything around them
 * @param range how many entries a scan reads, from a random key on and in the order of keys; if 0,
 *     it reads all, in any order
 * @param key makes the key of a number
 * @param value makes the value of a number, a new object each time
 * @param amount reads the amount
 * @param change returns the same value with another amount
 * @param <K> class of the keys
 * @param <V> class of the values
 */
public record Workload<K, V>(
    String name,
    String title,
    Class<K> keyClass,
    Class<V> valueClass,
    Codec<K> keys,
    Codec<V> values,
    int payloadBytes,
    int range,
    LongFunction<K> key,
    LongFunction<V> value,
    ToLongFunction<V> amount,
    Change<V> change) {

  /** Gives a value another amount. */
  @FunctionalInterface
  public interface Change<V> {
    /** Returns the value with this amount, without changing the one that was given. */
    V withAmount(V value, long amount);
  }

  private static final VarHandle LONG_IN_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);
  private static final int VALUE_SIZE = 100;

  /** What the store of a cache, a session or a page may look like. */
  public static final Workload<Long, byte[]> LONG_BYTES =
      new Workload<>(
          "long-bytes",
          "8-byte key → 100-byte value",
          Long.class,
          byte[].class,
          Codec.LONG,
          Codec.BYTES,
          Long.BYTES + VALUE_SIZE,
          0,
          Workload::mixed,
          i -> withAmount(noise(i), i),
          value -> (long) LONG_IN_BYTES.get(value, 0),
          (value, amount) -> withAmount(value.clone(), amount));

  /** What the accounts of a bank may look like. */
  public static final Workload<String, Account> STRING_RECORD =
      new Workload<>(
          "string-record",
          "String key → record of String, long, int, int",
          String.class,
          Account.class,
          Codec.ASCII,
          Codec.ACCOUNT,
          20 + 24 + 16,
          0,
          i -> hex("key-", i),
          i -> new Account(hex("owner-of", i), i, (int) (i & 255), 20_000),
          Account::cents,
          (value, amount) -> new Account(value.owner(), amount, value.branch(), value.openedDay()));

  /** What counters may look like. */
  public static final Workload<Long, Long> LONG_LONG =
      new Workload<>(
          "long-long",
          "long → long",
          Long.class,
          Long.class,
          Codec.LONG,
          Codec.LONG,
          2 * Long.BYTES,
          0,
          Workload::mixed,
          i -> i,
          value -> value,
          (value, amount) -> amount);

  /** What a time series or an index may look like: only sorted maps can store it. */
  public static final Workload<Long, byte[]> SORTED =
      new Workload<>(
          "sorted",
          "8-byte key → 100-byte value in the order of keys, a scan reads 100",
          Long.class,
          byte[].class,
          Codec.LONG,
          Codec.BYTES,
          Long.BYTES + VALUE_SIZE,
          100,
          i -> mixed(i) & Long.MAX_VALUE, // so that bytes have the order of the numbers
          LONG_BYTES.value(),
          LONG_BYTES.amount(),
          LONG_BYTES.change());

  /** All workloads, the main one first. */
  public static final List<Workload<?, ?>> ALL =
      List.of(LONG_BYTES, STRING_RECORD, LONG_LONG, SORTED);

  /** Whether stores must keep their entries in the order of keys. */
  public boolean isSorted() {
    return range > 0;
  }

  /**
   * Finds a workload.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Workload<?, ?> named(String name) {
    return ALL.stream()
        .filter(workload -> workload.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no workload " + name));
  }

  /** Spreads numbers over all longs, each to another one. */
  private static long mixed(long i) {
    long spread = i * 0x9E3779B97F4A7C15L;
    return spread ^ (spread >>> 32);
  }

  /** Bytes of which none is the same in the value of another number, but by chance. */
  private static byte[] noise(long i) {
    byte[] value = new byte[VALUE_SIZE];
    long word = mixed(i);
    for (int at = 0; at <= VALUE_SIZE - Long.BYTES; at += Long.BYTES) {
      word = word * 0xBF58476D1CE4E5B9L + i;
      LONG_IN_BYTES.set(value, at, word);
    }
    LONG_IN_BYTES.set(value, VALUE_SIZE - Long.BYTES, word);
    return value;
  }

  private static byte[] withAmount(byte[] value, long amount) {
    LONG_IN_BYTES.set(value, 0, amount);
    return value;
  }

  /** A prefix and 16 hexadecimal digits. */
  private static String hex(String prefix, long i) {
    long number = mixed(i);
    int length = prefix.length() + 16;
    byte[] letters = new byte[length];
    for (int at = 0; at < prefix.length(); at++) {
      letters[at] = (byte) prefix.charAt(at);
    }
    for (int at = prefix.length(); at < length; at++) {
      number = Long.rotateLeft(number, 4);
      letters[at] = HEX[(int) (number & 15)];
    }
    return new String(letters, StandardCharsets.ISO_8859_1);
  }
}
