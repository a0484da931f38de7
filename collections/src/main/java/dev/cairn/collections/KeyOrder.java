package dev.cairn.collections;

import java.util.Comparator;
import java.util.Objects;

/**
 * An order of keys that a program defines, with a name by which a heap knows it again: a sorted
 * collection stores the name, and refuses to be opened with another. The code behind the name is
 * the program's: if it comes to order stored keys differently, the name has to change with it, or
 * keys will not be found.
 *
 * @param <K> the keys
 */
public final class KeyOrder<K> {
  /** The name of the order that keys have by themselves. */
  static final String NATURAL = "natural";

  private static final int LONGEST_NAME = 100;

  private final String name;
  private final Comparator<? super K> comparator;

  private KeyOrder(String name, Comparator<? super K> comparator) {
    this.name = name;
    this.comparator = comparator;
  }

  /**
   * Names an order. The comparator decides which keys are the same, as in a {@link
   * java.util.TreeMap}; it must not throw, must not change collections, and may be called by many
   * threads, sometimes with keys that no collection holds.
   *
   * @param <K> the keys
   * @param name 1 to 100 chars, none of them 0, and not {@code natural}
   * @param comparator a total order
   * @return the order
   * @throws IllegalArgumentException if the name is not such a name
   */
  public static <K> KeyOrder<K> of(String name, Comparator<? super K> comparator) {
    Objects.requireNonNull(comparator);
    if (name.isEmpty()
        || name.length() > LONGEST_NAME
        || name.indexOf('\0') >= 0
        || name.equals(NATURAL)) {
      throw new IllegalArgumentException(
          "the name of an order must have 1 to %d chars, none of them 0, and not be %s: %s"
              .formatted(LONGEST_NAME, NATURAL, Catalog.quoted(name)));
    }
    return new KeyOrder<>(name, comparator);
  }

  /**
   * Returns the name.
   *
   * @return as it was given
   */
  public String name() {
    return name;
  }

  /**
   * Returns what compares.
   *
   * @return as it was given
   */
  public Comparator<? super K> comparator() {
    return comparator;
  }

  /** Returns the name. */
  @Override
  public String toString() {
    return name;
  }
}
