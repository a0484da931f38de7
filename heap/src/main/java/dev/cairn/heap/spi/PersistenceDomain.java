package dev.cairn.heap.spi;

import dev.cairn.heap.spi.SystemCalls.FileStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How far a store must get to survive a power failure. */
enum PersistenceDomain {
  /** Out of the CPU's caches. Also what is assumed where the system does not say. */
  MEMORY_CONTROLLER,
  /** Nowhere: the caches are flushed when the power fails (eADR). */
  CPU_CACHE;

  private static final Path BLOCK_DEVICES = Path.of("/sys/dev/block");

  /** Finds the domain of the device that holds a file. */
  static PersistenceDomain of(FileStatus file) {
    return of(BLOCK_DEVICES, file.deviceMajor(), file.deviceMinor());
  }

  /**
   * Looks for the region that a block device lies in: the nearest folder above it that names a
   * domain. Several regions under one device (a mapper) are not looked for: flushing is right then,
   * and only slower.
   */
  static PersistenceDomain of(Path blockDevices, int major, int minor) {
    try {
      Path folder = blockDevices.resolve(major + ":" + minor).toRealPath();
      for (Path at = folder; at != null; at = at.getParent()) {
        Path domain = at.resolve("persistence_domain");
        if (Files.isRegularFile(domain)) {
          return Files.readString(domain).strip().equals("cpu_cache")
              ? CPU_CACHE
              : MEMORY_CONTROLLER;
        }
      }
    } catch (IOException unknown) {
      // A system that does not tell: fall through to the assumption that is always safe.
    }
    return MEMORY_CONTROLLER;
  }
}
