package dev.cairn.heap;

/** Which medium to put under a heap. */
public enum MediumKind {
  /**
   * The best that the path allows: {@link #DAX} if the file can be mapped with {@code MAP_SYNC},
   * {@link #MEMORY} on tmpfs, otherwise {@link #PAGE_CACHE}.
   */
  AUTOMATIC,
  /** A file on a DAX file system: CPU flush instructions reach the persistent memory itself. */
  DAX,
  /** A file on tmpfs: the same instructions as on DAX, but the bytes live as long as the kernel. */
  MEMORY,
  /** Any other file: the kernel's page cache, written back with {@code msync} at each fence. */
  PAGE_CACHE
}
