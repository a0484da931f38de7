package dev.cairn.btt;

/** Where a table begins on its medium, which also says who else may read it. */
public enum BttPlacement {
  /** At 8192, in a pool file of PMDK's libpmemblk, whose header and block size are before it. */
  POOL(8192, 1, 1, BttFlavour.PMDK),
  /** At 4096: version 1.1, as the kernel lays it out in a namespace without a label. */
  AFTER_FIRST_PAGE(4096, 1, 1, BttFlavour.LINUX),
  /** At 0: version 2.0, that of the UEFI specification. */
  START(0, 2, 0, BttFlavour.LINUX);

  private final long offset;
  private final int major;
  private final int minor;
  private final BttFlavour flavour;

  BttPlacement(long offset, int major, int minor, BttFlavour flavour) {
    this.offset = offset;
    this.major = major;
    this.minor = minor;
    this.flavour = flavour;
  }

  /**
   * Returns where the first info block lies.
   *
   * @return in bytes from the start of the medium
   */
  public long offset() {
    return offset;
  }

  int major() {
    return major;
  }

  int minor() {
    return minor;
  }

  BttFlavour flavour() {
    return flavour;
  }
}
