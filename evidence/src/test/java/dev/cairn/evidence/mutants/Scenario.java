package dev.cairn.evidence.mutants;

import java.util.Objects;

/**
 * A crash test that mutants are shown to. It passes without a mutant.
 *
 * @param area the module whose steps it is about
 * @param name what it does
 * @param body throws if it finds something wrong
 */
public record Scenario(Area area, String name, Body body) {
  /** A module, in the order of their dependencies. */
  public enum Area {
    /** The file. */
    HEAP,
    /** Transactions. */
    TX,
    /** Blocks. */
    ALLOCATOR,
    /** Maps and lists. */
    COLLECTIONS,
    /** What operations cost. */
    COSTS
  }

  /** The test itself. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs to the end.
     *
     * @throws Exception if something is wrong
     */
    void run() throws Exception;
  }

  /** Checks the components. */
  public Scenario {
    Objects.requireNonNull(area);
    Objects.requireNonNull(name);
    Objects.requireNonNull(body);
  }

  @Override
  public String toString() {
    return area.name().toLowerCase(java.util.Locale.ROOT) + ": " + name;
  }
}
