package dev.cairn.bench.peer;

/** What lies under a store. */
public enum Place {
  /** A file on tmpfs: where persistent memory would be, and reached with the same instructions. */
  MEMORY("tmpfs"),
  /** A file on a disk. */
  DISK("disk"),
  /** The Java heap. */
  DRAM("DRAM");

  private final String title;

  Place(String title) {
    this.title = title;
  }

  /** Returns the name for people. */
  public String title() {
    return title;
  }
}
