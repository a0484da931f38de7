package dev.cairn.bench.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A line that a worker says, with one of these in it. Libraries say things too: their lines do not
 * begin with the mark.
 *
 * @param measurement of an operation
 * @param fences of an operation
 * @param bytesPerEntry of all files, after the fill
 * @param openNanos from the call of open until the first value was there
 * @param filled with how many entries the worker has filled its store, on which it goes on writing
 */
public record Reply(
    @Nullable Measurement measurement,
    @Nullable FenceCount fences,
    @Nullable Double bytesPerEntry,
    @Nullable Long openNanos,
    @Nullable Long filled) {
  private static final String MARK = "bench> ";

  /** Of a line that a library wrote. */
  static final Reply NOTHING = new Reply(null, null, null, null, null);

  private static final ObjectMapper JSON = new ObjectMapper();

  static Reply of(Measurement measurement) {
    return new Reply(measurement, null, null, null, null);
  }

  static Reply of(FenceCount fences) {
    return new Reply(null, fences, null, null, null);
  }

  static Reply ofBytesPerEntry(double bytes) {
    return new Reply(null, null, bytes, null, null);
  }

  static Reply ofOpening(long nanos) {
    return new Reply(null, null, null, nanos, null);
  }

  static Reply ofFilled(long entries) {
    return new Reply(null, null, null, null, entries);
  }

  /** Says it on standard output. */
  void say() {
    System.out.println(MARK + write(this));
  }

  /** Finds the reply in a line of output. */
  static Optional<Reply> in(String line) {
    int at = line.indexOf(MARK); // a library may have left its own line unfinished
    return at < 0
        ? Optional.empty()
        : Optional.of(read(line.substring(at + MARK.length()), Reply.class));
  }

  static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static <T> T read(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
