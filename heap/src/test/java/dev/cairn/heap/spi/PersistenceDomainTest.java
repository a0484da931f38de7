package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a copy of the folders that the kernel shows for an NVDIMM. */
class PersistenceDomainTest {
  @TempDir Path sys;

  @Test
  void isThatOfTheRegionAboveTheDevice() throws IOException {
    assertEquals(PersistenceDomain.CPU_CACHE, domainIf("cpu_cache\n"));
    assertEquals(PersistenceDomain.MEMORY_CONTROLLER, domainIf("memory_controller\n"));
    assertEquals(PersistenceDomain.MEMORY_CONTROLLER, domainIf("something new\n"));
  }

  @Test
  void isTheCautiousOneIfUnknown() {
    assertEquals(PersistenceDomain.MEMORY_CONTROLLER, PersistenceDomain.of(sys, 8, 1));
  }

  private PersistenceDomain domainIf(String content) throws IOException {
    Path region = Files.createDirectories(sys.resolve("devices/ndbus0/region0"));
    Files.writeString(region.resolve("persistence_domain"), content);
    Path partition = Files.createDirectories(region.resolve("pfn0.0/block/pmem0/pmem0p1"));
    Path link = sys.resolve("dev/block/259:1");
    Files.createDirectories(link.resolveSibling("."));
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, partition);
    return PersistenceDomain.of(sys.resolve("dev/block"), 259, 1);
  }
}
