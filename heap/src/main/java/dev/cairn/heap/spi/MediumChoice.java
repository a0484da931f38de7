package dev.cairn.heap.spi;

import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.heap.MediumKind;
import dev.cairn.heap.spi.CacheLineMedium.WriteBack;
import dev.cairn.heap.spi.MappedMedium.Mapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;

/** Chooses the medium for a file, by what the file system can do. */
final class MediumChoice {

  private MediumChoice() {}

  /**
   * Maps a file as the options ask. Changes nothing in it.
   *
   * @param file stays open if this throws
   * @param size how many bytes of it are in use
   * @param maximumSize how far it may grow
   * @throws IOException if the file cannot be mapped so
   */
  static Medium map(LockedFile file, HeapOptions options, long size, long maximumSize)
      throws IOException {
    Arena arena = Arena.ofShared();
    try {
      return map(file, options, size, maximumSize, arena);
    } catch (SystemCallException e) {
      arena.close();
      throw e.about(file.path());
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  private static Medium map(
      LockedFile file, HeapOptions options, long size, long maximumSize, Arena arena)
      throws IOException {
    MediumKind kind = options.medium();
    boolean inMemory = file.isInMemory();
    if (kind == MediumKind.MEMORY && !inMemory) {
      throw new FileSystemException(
          file.path().toString(), null, "medium MEMORY needs a file on tmpfs or ramfs");
    }
    if (kind == MediumKind.DAX || (kind == MediumKind.AUTOMATIC && !inMemory)) {
      try {
        return mapDax(file, size, maximumSize, arena);
      } catch (SystemCallException e) {
        boolean isDax = e.errno() != SystemCalls.EOPNOTSUPP && e.errno() != SystemCalls.EINVAL;
        if (isDax) {
          throw e;
        }
        if (kind == MediumKind.DAX) {
          FileSystemException impossible =
              new FileSystemException(
                  file.path().toString(),
                  null,
                  "medium DAX needs a file that can be mapped with MAP_SYNC: a file system "
                      + "mounted with -o dax on persistent memory");
          impossible.initCause(e);
          throw impossible;
        }
      }
    }
    Mapping mapping =
        new Mapping(file.path().toString(), file, arena, file.map(maximumSize, false, arena));
    return inMemory && kind != MediumKind.PAGE_CACHE
        ? MemoryMedium.ofFile(mapping, size)
        : PageCacheMedium.of(mapping, size, options.pageCacheLevel(), inMemory);
  }

  private static Medium mapDax(LockedFile file, long size, long maximumSize, Arena arena)
      throws IOException {
    String name = file.path().toString();
    WriteBack writeBack = DaxMedium.writeBackTo(PersistenceDomain.of(file.status()));
    // Proves that MAP_SYNC is to be had, and serves unless the JVM has to do the flushing.
    MemorySegment segment = file.map(maximumSize, true, arena);
    if (writeBack == WriteBack.FORCE) {
      segment = file.mapForced(maximumSize, arena);
    }
    return new DaxMedium(new Mapping(name, file, arena, segment), size, writeBack);
  }
}
