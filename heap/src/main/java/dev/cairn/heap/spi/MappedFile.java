package dev.cairn.heap.spi;

import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapInUseException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file or block device of fixed size that something other than a heap lies in: locked against
 * every other program, those of PMDK too, and mapped as the file of a heap is.
 *
 * <p>Used by one thread, until its {@link #medium} is handed on. Whoever gets that far closes the
 * medium; before that, {@link #abandon}.
 */
public final class MappedFile {
  /*
   * A new file starts with the creation marker until finishCreation. So whatever a crash leaves of
   * it is known as unfinished: it is not opened, and another creation takes it over.
   */
  private final LockedFile file;
  private final MappedMedium mapped;
  private final Medium medium;

  private MappedFile(LockedFile file, MappedMedium mapped, HeapOptions options) {
    this.file = file;
    this.mapped = mapped;
    this.medium = options.mediumDecorator().apply(mapped);
  }

  /**
   * Creates a file of zeros, but for the mark of an unfinished creation in its first word. A file
   * that is empty, or so marked, is taken over.
   *
   * @param path where; its directory must exist
   * @param size in bytes
   * @param options which medium; the sizes are not used
   * @return the file, still marked
   * @throws FileAlreadyExistsException if there is a file with something in it; it is left alone
   * @throws IOException if the file cannot be created, allocated or mapped as the options ask
   * @throws HeapInUseException if another program is just creating it
   */
  public static MappedFile create(Path path, long size, HeapOptions options) throws IOException {
    LockedFile file = LockedFile.create(path);
    try {
      file.lockAgainstPmdk();
      file.allocate(Long.BYTES, size);
      return map(file, size, options);
    } catch (Throwable e) {
      file.deleteIfCreated(e);
      file.close();
      throw e;
    }
  }

  /**
   * Opens a file, or a block device. Nothing in it is changed.
   *
   * @param path where
   * @param options which medium; the sizes are not used
   * @return the file
   * @throws NoSuchFileException if there is none
   * @throws IOException if it is neither file nor block device, may not be written, or cannot be
   *     mapped as the options ask
   * @throws HeapFormatException if its creation was never finished, or there is not a byte in it
   * @throws HeapInUseException if it is open already, here or in another process, or mounted
   */
  public static MappedFile open(Path path, HeapOptions options) throws IOException {
    LockedFile file = LockedFile.openFileOrDevice(path);
    try {
      file.lockAgainstPmdk();
      byte[] start = new byte[Long.BYTES];
      if (Superblock.isUnfinishedCreation(start, file.read(start))) {
        throw new HeapFormatException(
            path + ": empty, or a creation that was never finished; it holds nothing");
      }
      return map(file, file.size(), options);
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  private static MappedFile map(LockedFile file, long size, HeapOptions options)
      throws IOException {
    MappedMedium mapped = MediumChoice.map(file, options, size, size);
    try {
      return new MappedFile(file, mapped, options);
    } catch (Throwable e) {
      mapped.close();
      throw e;
    }
  }

  /**
   * Returns the bytes.
   *
   * @return always the same medium; closing it closes and unlocks the file
   */
  public Medium medium() {
    return medium;
  }

  /**
   * Backs all bytes by storage, so that no store can fail for want of it. Takes no effect on what
   * is read. Call it before the first store.
   *
   * @throws IOException if the storage is not to be had
   */
  public void fillHoles() throws IOException {
    file.fillHoles(mapped.size());
    mapped.prefault();
  }

  /**
   * Ends a creation: makes the file's name durable. What was stored before, over the mark too, the
   * caller has fenced.
   *
   * @throws IOException if the name cannot be made durable
   */
  public void finishCreation() throws IOException {
    file.syncDirectory();
  }

  /**
   * Closes the file, and deletes it if it was created here.
   *
   * @param reason why; learns of it if the file cannot be deleted
   */
  public void abandon(Throwable reason) {
    file.deleteIfCreated(reason);
    medium.close();
  }
}
