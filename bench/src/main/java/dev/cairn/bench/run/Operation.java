package dev.cairn.bench.run;

/** What is measured, in the order of the reports. */
public enum Operation {
  /** Adds an entry. */
  PUT_NEW("put-new"),
  /** Replaces the value of an entry. */
  REPLACE("replace"),
  /** Reads a value, as an object of the reader's own. */
  GET("get"),
  /** Removes an entry. */
  REMOVE("remove"),
  /** Goes through all entries, or a range of sorted ones; counted for each entry. */
  SCAN("scan"),
  /** Moves an amount from one entry to another. */
  TRANSFER("transfer");

  private final String title;

  Operation(String title) {
    this.title = title;
  }

  /** Returns the name for people. */
  public String title() {
    return title;
  }
}
