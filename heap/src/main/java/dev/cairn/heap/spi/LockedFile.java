package dev.cairn.heap.spi;

import dev.cairn.heap.HeapInUseException;
import dev.cairn.heap.spi.SystemCalls.FileStatus;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import jdk.nio.mapmode.ExtendedMapMode;

/**
 * The file under a heap: open for reading and writing, and locked against everybody else for as
 * long as it is open. The kernel drops the lock when the process dies.
 */
final class LockedFile implements AutoCloseable {
  /*
   * I1  Nothing is written to a file that was not created here, before the caller has checked that
   *     it is a heap, or has found it to be an unfinished creation.
   * I2  Who holds the lock has looked at the link count after taking it: a file that was deleted
   *     meanwhile is not the one at the path.
   */
  private static final int TYPE_MASK = 0xf000;
  private static final int TYPE_REGULAR = 0x8000;
  private static final int TYPE_BLOCK_DEVICE = 0x6000;
  private static final int TYPE_CHARACTER_DEVICE = 0x2000;
  private static final int OWNER_ONLY = 0600;

  private final Path path;
  private final int descriptor;
  private final boolean created;
  private final boolean device;
  private boolean closed;

  private LockedFile(Path path, int descriptor, boolean created, boolean device) {
    this.path = path;
    this.descriptor = descriptor;
    this.created = created;
    this.device = device;
  }

  /**
   * Creates the file, or takes over one whose creation was cut short. On return the file holds the
   * creation marker, durably, and nothing else.
   *
   * @throws FileAlreadyExistsException if there is a file that is not an unfinished creation
   * @throws HeapInUseException if the creation is just going on
   */
  static LockedFile create(Path path) throws IOException {
    while (true) {
      LockedFile file;
      try {
        file = openAndLock(path, SystemCalls.O_CREAT | SystemCalls.O_EXCL);
      } catch (FileAlreadyExistsException exists) {
        if (!startsUnfinished(path)) {
          throw exists;
        }
        file = openAndLock(path, 0);
      }
      if (file.isDeleted()) {
        file.close();
        continue;
      }
      try {
        file.startCreation();
        return file;
      } catch (Throwable e) {
        file.deleteIfCreated(e);
        file.close();
        throw e;
      }
    }
  }

  /** Opens the file that is there. */
  static LockedFile open(Path path) throws IOException {
    while (true) {
      LockedFile file = openAndLock(path, 0);
      if (!file.isDeleted()) {
        return file;
      }
      file.close();
    }
  }

  /** Opens a file that is there, or a block device that nothing is mounted from. */
  static LockedFile openFileOrDevice(Path path) throws IOException {
    if (!isBlockDevice(path)) {
      return open(path);
    }
    int descriptor;
    try {
      // Without O_CREAT, O_EXCL keeps out file systems and drivers that have the device.
      descriptor = SystemCalls.open(path, SystemCalls.O_RDWR | SystemCalls.O_EXCL, 0);
    } catch (SystemCallException e) {
      if (e.errno() == SystemCalls.EBUSY) {
        throw inUse(path);
      }
      throw e.about(path);
    }
    return lock(path, descriptor, false, true);
  }

  private static boolean isBlockDevice(Path path) throws IOException {
    try {
      return ((int) Files.getAttribute(path, "unix:mode") & TYPE_MASK) == TYPE_BLOCK_DEVICE;
    } catch (NoSuchFileException e) {
      return false; // Which the open of the file will say in its own words.
    }
  }

  private static LockedFile openAndLock(Path path, int flags) throws IOException {
    int descriptor = openRegular(path, SystemCalls.O_RDWR | flags);
    return lock(path, descriptor, (flags & SystemCalls.O_CREAT) != 0, false);
  }

  private static LockedFile lock(Path path, int descriptor, boolean created, boolean device)
      throws IOException {
    try {
      if (SystemCalls.tryLock(descriptor)) {
        return new LockedFile(path, descriptor, created, device);
      }
    } catch (SystemCallException e) {
      // A file system without locks: nobody else can have locked the file that was just made.
      FileSystemException unlockable = e.about(path);
      try (LockedFile file = new LockedFile(path, descriptor, created, device)) {
        file.deleteIfCreated(unlockable);
      }
      throw unlockable;
    }
    SystemCalls.close(descriptor);
    throw inUse(path);
  }

  private static HeapInUseException inUse(Path path) {
    return new HeapInUseException(path + ": open already, here or in another process");
  }

  /** Keeps programs of PMDK out too, whose locks are of another kind. */
  void lockAgainstPmdk() throws IOException {
    try {
      if (!SystemCalls.tryWholeFileLock(descriptor)) {
        throw inUse(path);
      }
    } catch (SystemCallException e) {
      throw e.about(path);
    }
  }

  private static int openRegular(Path path, int flags) throws IOException {
    int descriptor;
    try {
      descriptor = SystemCalls.open(path, flags | SystemCalls.O_NONBLOCK, OWNER_ONLY);
    } catch (SystemCallException e) {
      throw e.about(path);
    }
    int type = SystemCalls.status(descriptor).mode() & TYPE_MASK;
    if (type != TYPE_REGULAR) {
      SystemCalls.close(descriptor);
      throw new FileSystemException(path.toString(), null, notRegular(type));
    }
    return descriptor;
  }

  private static String notRegular(int type) {
    return switch (type) {
      case TYPE_BLOCK_DEVICE, TYPE_CHARACTER_DEVICE ->
          "not a regular file but a device: a heap needs a file system, for persistent memory "
              + "one mounted with -o dax, and a file there";
      default -> "not a regular file: type 0%o, expected 0%o".formatted(type, TYPE_REGULAR);
    };
  }

  /** Looks without a lock; who acts on it looks again with one. */
  private static boolean startsUnfinished(Path path) throws IOException {
    int descriptor;
    try {
      descriptor = openRegular(path, SystemCalls.O_RDONLY);
    } catch (NoSuchFileException deleted) {
      return true;
    }
    try {
      byte[] start = new byte[Long.BYTES];
      int length = SystemCalls.read(descriptor, start, 0);
      return Superblock.isUnfinishedCreation(start, length);
    } finally {
      SystemCalls.close(descriptor);
    }
  }

  private void startCreation() throws IOException {
    byte[] start = new byte[Long.BYTES];
    int length = read(start);
    if (!Superblock.isUnfinishedCreation(start, length)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    try {
      // Empty or marked: a crash at any point here leaves an unfinished creation, as it was.
      SystemCalls.truncate(descriptor, 0);
      SystemCalls.write(descriptor, Superblock.creationMarker(), 0);
      SystemCalls.sync(descriptor);
    } catch (SystemCallException e) {
      throw e.about(path);
    }
  }

  private boolean isDeleted() throws IOException {
    return status().links() == 0;
  }

  /** Returns where the file is. */
  Path path() {
    return path;
  }

  /** Returns how long the file is, or how large the device. */
  long size() throws IOException {
    if (!device) {
      return status().size();
    }
    try (FileChannel channel = FileChannel.open(ownName(), StandardOpenOption.READ)) {
      return channel.size();
    }
  }

  /** The descriptor's own name: the path may lead elsewhere by now. */
  private Path ownName() {
    return Path.of("/proc/self/fd/" + descriptor);
  }

  /** Returns what the kernel says of the file now. */
  FileStatus status() throws IOException {
    try {
      return SystemCalls.status(descriptor);
    } catch (SystemCallException e) {
      throw e.about(path);
    }
  }

  /**
   * Reads from the start of the file, without mapping it.
   *
   * @return how many bytes there were
   */
  int read(byte[] target) throws IOException {
    try {
      return SystemCalls.read(descriptor, target, 0);
    } catch (SystemCallException e) {
      throw e.about(path);
    }
  }

  /**
   * Makes the file larger, by zeros that are backed by storage, and durably so. If that fails, the
   * file is as before.
   *
   * @param oldSize how much of the file is in use; what may lie beyond it is dropped
   * @param newSize in bytes
   */
  void allocate(long oldSize, long newSize) throws IOException {
    try {
      if (status().size() > oldSize) {
        // Left by a growth that a crash cut short. Nothing there may show up as content.
        SystemCalls.truncate(descriptor, oldSize);
      }
      try {
        SystemCalls.allocate(descriptor, oldSize, newSize - oldSize);
        // The size and the place of the storage must be durable before a superblock counts on it.
        SystemCalls.sync(descriptor);
      } catch (SystemCallException e) {
        try {
          SystemCalls.truncate(descriptor, oldSize);
        } catch (SystemCallException alsoRefused) {
          e.addSuppressed(alsoRefused);
        }
        throw e;
      }
    } catch (SystemCallException e) {
      throw e.about(path);
    }
  }

  /** Backs holes by storage, which a copy of a heap file may have: a store there could not fail. */
  void fillHoles(long size) throws IOException {
    if (device || status().allocated() >= size) {
      return;
    }
    try {
      SystemCalls.allocate(descriptor, 0, size);
      SystemCalls.sync(descriptor);
    } catch (SystemCallException e) {
      throw e.about(path);
    }
  }

  /** Maps the file; see {@link SystemCalls#map}. */
  MemorySegment map(long length, boolean sync, Arena arena) throws SystemCallException {
    return SystemCalls.map(
        descriptor, length, sync ? SystemCalls.MAP_SYNC : SystemCalls.MAP_SHARED, arena);
  }

  /**
   * Maps the file so that {@link MemorySegment#force} writes lines back by the JVM's own
   * instructions, which it does only for what it has mapped itself.
   */
  MemorySegment mapForced(long length, Arena arena) throws IOException {
    long size = status().size();
    try (FileChannel channel =
        FileChannel.open(ownName(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      try {
        return channel.map(ExtendedMapMode.READ_WRITE_SYNC, 0, length, arena);
      } finally {
        // The JVM stretches a file to its mapping, even to one that is then refused, by a hole that
        // a store might not be able to fill.
        channel.truncate(size);
      }
    }
  }

  /** Says whether the file lies on tmpfs or the like. A device does not, though its name may. */
  boolean isInMemory() throws IOException {
    try {
      return !device && SystemCalls.isInMemory(descriptor);
    } catch (SystemCallException e) {
      throw e.about(path);
    }
  }

  /** Makes the file's name durable. */
  void syncDirectory() throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory == null) {
      return;
    }
    try {
      int parent = SystemCalls.open(directory, SystemCalls.O_RDONLY, 0);
      try {
        SystemCalls.sync(parent);
      } finally {
        SystemCalls.close(parent);
      }
    } catch (SystemCallException e) {
      throw e.about(directory);
    }
  }

  /**
   * Deletes the file if it was created here. The lock is still held, so nobody else can have made a
   * heap of it.
   *
   * @param reason why; learns of it if the file cannot be deleted
   */
  void deleteIfCreated(Throwable reason) {
    if (!created) {
      return;
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  /** Unlocks and closes. Idempotent. Whoever mapped the file has unmapped it before. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      // Said aloud: a process just being forked may hold a copy of the descriptor for a moment.
      SystemCalls.unlock(descriptor);
    } catch (SystemCallException e) {
      // The descriptor's end releases the lock as well.
    }
    try {
      SystemCalls.close(descriptor);
    } catch (SystemCallException e) {
      // The descriptor is gone even so, and a heap does not rely on close to write anything.
    }
  }
}
