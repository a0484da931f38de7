package dev.cairn.heap.spi;

import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.MediumKind;
import dev.cairn.heap.spi.CacheLineMedium.WriteBack;
import dev.cairn.heap.spi.MappedMedium.Mapping;
import dev.cairn.heap.spi.PageAdvice.Backing;
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
  static MappedMedium map(LockedFile file, HeapOptions options, long size, long maximumSize)
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

  private static MappedMedium map(
      LockedFile file, HeapOptions options, long size, long maximumSize, Arena arena)
      throws IOException {
    MediumKind kind = options.medium();
    boolean inMemory = file.isInMemory();
    if (kind == MediumKind.MEMORY && !inMemory) {
      throw new FileSystemException(
          file.path().toString(), null, "medium MEMORY needs a file on tmpfs or ramfs");
    }
    if (kind == MediumKind.DAX || (kind == MediumKind.AUTOMATIC && !inMemory)) {
      WriteBack writeBack = DaxMedium.writeBackTo(PersistenceDomain.of(file.status()));
      String vmInfo = System.getProperty("java.vm.info", "");
      try {
        if (writeBack != WriteBack.FORCE || DaxMedium.jvmCanForce(vmInfo)) {
          return mapDax(file, options, size, maximumSize, writeBack, arena);
        }
        if (kind == MediumKind.DAX) {
          throw new FileSystemException(
              file.path().toString(),
              null,
              "medium DAX: %s, and this JVM (%s) has no optimizing compiler, without which it "
                      .formatted(FlushInstructions.name(), vmInfo)
                  + "cannot flush either");
        }
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
    boolean isMemory = inMemory && kind != MediumKind.PAGE_CACHE;
    Mapping mapping =
        new Mapping(
            file.path().toString(),
            file,
            arena,
            file.map(maximumSize, false, arena),
            PageAdvice.of(isMemory ? Backing.MEMORY : Backing.PAGE_CACHE, options));
    return isMemory
        ? MemoryMedium.ofFile(mapping, size)
        : PageCacheMedium.of(mapping, size, options.pageCacheLevel(), inMemory);
  }

  private static MappedMedium mapDax(
      LockedFile file,
      HeapOptions options,
      long size,
      long maximumSize,
      WriteBack writeBack,
      Arena arena)
      throws IOException {
    String name = file.path().toString();
    // Proves that MAP_SYNC is to be had, and serves unless the JVM has to do the flushing.
    MemorySegment segment = file.map(maximumSize, true, arena);
    if (writeBack == WriteBack.FORCE) {
      segment = file.mapForced(maximumSize, arena);
    }
    PageAdvice pages = PageAdvice.of(Backing.DAX, options);
    return new DaxMedium(new Mapping(name, file, arena, segment, pages), size, writeBack);
  }
}
