package dev.cairn.heap.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * The few calls of the C library that Java has no equal for, and the only class that uses
 * restricted methods. Linux, 64 bits: the numbers below are the same on x86-64 and AArch64.
 *
 * <p>Each call throws {@link SystemCallException} with the kernel's reason. Where native access is
 * denied to Cairn, every call throws one that says which option allows it.
 */
@SuppressWarnings("restricted")
final class SystemCalls {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int ENXIO = 6;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int EINVAL = 22;
  static final int EMFILE = 24;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int EDQUOT = 122;

  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;

  /** Keeps the open of a FIFO from waiting for its other end. */
  static final int O_NONBLOCK = 0x800;

  static final int O_CLOEXEC = 0x80000;

  static final int MAP_SHARED = 0x01;
  private static final int MAP_PRIVATE = 0x02;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;

  /** MAP_SYNC, with the MAP_SHARED_VALIDATE without which it would be ignored silently. */
  static final int MAP_SYNC = 0x80003;

  private static final int PROT_NONE = 0;
  private static final int PROT_READ_WRITE = 3;
  private static final int PROT_READ_EXECUTE = 5;
  private static final int MS_SYNC = 4;

  static final int MADV_HUGEPAGE = 14;
  static final int MADV_NOHUGEPAGE = 15;

  /** Maps pages for reading; since Linux 5.14. */
  static final int MADV_POPULATE_READ = 22;

  /** Maps pages as stores would, without one; since Linux 5.14. */
  static final int MADV_POPULATE_WRITE = 23;

  /** Puts huge pages together; since Linux 6.1. */
  static final int MADV_COLLAPSE = 25;

  private static final int LOCK_EX_NB = 6;
  private static final int F_OFD_SETLK = 37;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;
  private static final int FLOCK_SIZE = 32;

  /** What an access to a page that a file has lost raises. */
  private static final int SIGBUS = 7;

  /** struct sigaction as the C library has it on x86-64: the handler comes first. */
  private static final int SIGACTION_SIZE = 152;

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_SIZE = 256;

  /** More than struct statfs takes; its first word is the type. */
  private static final int STATFS_SIZE = 256;

  private static final long TMPFS = 0x0102_1994L;
  private static final long RAMFS = 0x8584_58f6L;

  /** What huge pages need: the start of a mapping is a multiple of this. */
  private static final long MAP_ALIGNMENT = HeapLayout.HUGE_PAGE_SIZE;

  /** How many arguments the largest function here takes, and what all are called with. */
  private static final int ARGUMENT_COUNT = 6;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout ERRNO_LAYOUT = Linker.Option.captureStateLayout();
  private static final MethodHandle CALL = linkAny();

  private SystemCalls() {}

  /** A function of the C library. Its name there is the constant's in lower case. */
  private enum Function {
    OPEN,
    CLOSE,
    FCNTL,
    FLOCK,
    FSTATFS,
    STATX,
    PREAD,
    PWRITE,
    FTRUNCATE,
    POSIX_FALLOCATE,
    FSYNC,
    MMAP,
    MUNMAP,
    MPROTECT,
    MSYNC,
    MADVISE,
    SIGACTION;

    private final String call = name().toLowerCase(Locale.ROOT);
    private final long address = LINKER.defaultLookup().findOrThrow(call).address();
  }

  /**
   * What the kernel says of an open file.
   *
   * @param mode type and permissions, as in {@code st_mode}
   * @param links how many names the file has; 0 if it was deleted
   * @param size in bytes
   * @param allocated how many bytes of storage it has
   * @param deviceMajor of the device that holds it
   * @param deviceMinor of the device that holds it
   */
  record FileStatus(
      int mode, int links, long size, long allocated, int deviceMajor, int deviceMinor) {}

  static int open(Path path, int flags, int permissions) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path.toString(), StandardCharsets.UTF_8);
      return callInt(Function.OPEN, name.address(), flags | O_CLOEXEC, permissions);
    }
  }

  static void close(int descriptor) throws SystemCallException {
    callInt(Function.CLOSE, descriptor);
  }

  /**
   * Takes the exclusive lock of an open file, or not. The lock belongs to the descriptor: it
   * conflicts with every other one, in this process too, and closing another one does not drop it.
   *
   * @return whether the lock was free
   */
  static boolean tryLock(int descriptor) throws SystemCallException {
    try {
      setLock(descriptor, F_WRLCK);
      return true;
    } catch (SystemCallException e) {
      if (e.errno() == EAGAIN || e.errno() == EACCES) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Takes the other kind of lock that Linux knows, which the first kind does not see: that of PMDK.
   * Closing the descriptor releases it.
   *
   * @return whether the lock was free
   */
  static boolean tryWholeFileLock(int descriptor) throws SystemCallException {
    try {
      callInt(Function.FLOCK, descriptor, LOCK_EX_NB);
      return true;
    } catch (SystemCallException e) {
      if (e.errno() == EAGAIN) {
        return false;
      }
      throw e;
    }
  }

  static void unlock(int descriptor) throws SystemCallException {
    setLock(descriptor, F_UNLCK);
  }

  private static void setLock(int descriptor, short type) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      // struct flock: type, whence (from the start), start, length (0 is all), pid (must be 0).
      MemorySegment lock = arena.allocate(FLOCK_SIZE, Long.BYTES);
      lock.set(JAVA_SHORT, 0, type);
      callInt(Function.FCNTL, descriptor, F_OFD_SETLK, lock.address());
    }
  }

  static FileStatus status(int descriptor) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment itself = arena.allocateFrom("");
      MemorySegment status = arena.allocate(STATX_SIZE, Long.BYTES);
      callInt(
          Function.STATX,
          descriptor,
          itself.address(),
          AT_EMPTY_PATH,
          STATX_BASIC_STATS,
          status.address());
      // struct statx is laid out alike on all systems; blocks are 512 bytes whatever the device.
      return new FileStatus(
          Short.toUnsignedInt(status.get(JAVA_SHORT, 28)),
          status.get(JAVA_INT, 16),
          status.get(JAVA_LONG, 40),
          status.get(JAVA_LONG, 48) * 512,
          status.get(JAVA_INT, 136),
          status.get(JAVA_INT, 140));
    }
  }

  /** Says whether a file lies on a file system that keeps its files in the kernel's memory. */
  static boolean isInMemory(int descriptor) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(STATFS_SIZE, Long.BYTES);
      callInt(Function.FSTATFS, descriptor, status.address());
      long type = status.get(JAVA_LONG, 0);
      return type == TMPFS || type == RAMFS;
    }
  }

  /**
   * Reads until the array is full or the file ends.
   *
   * @return how many bytes were read
   */
  static int read(int descriptor, byte[] target, long position) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(target.length);
      int done = 0;
      while (done < target.length) {
        long count =
            callLong(
                Function.PREAD,
                descriptor,
                buffer.address() + done,
                target.length - done,
                position + done);
        if (count == 0) {
          break;
        }
        done += (int) count;
      }
      MemorySegment.copy(buffer, JAVA_BYTE, 0, target, 0, done);
      return done;
    }
  }

  static void write(int descriptor, byte[] source, long position) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocateFrom(JAVA_BYTE, source);
      int done = 0;
      while (done < source.length) {
        done +=
            (int)
                callLong(
                    Function.PWRITE,
                    descriptor,
                    buffer.address() + done,
                    source.length - done,
                    position + done);
      }
    }
  }

  static void truncate(int descriptor, long size) throws SystemCallException {
    callInt(Function.FTRUNCATE, descriptor, size);
  }

  /** Gives a range of a file storage, and makes the file as long as that. */
  static void allocate(int descriptor, long offset, long length) throws SystemCallException {
    int error;
    do {
      // The one call that returns its error instead of leaving it in errno.
      error = callInt(Function.POSIX_FALLOCATE, descriptor, offset, length);
    } while (error == EINTR);
    if (error != 0) {
      throw new SystemCallException(Function.POSIX_FALLOCATE.call, error);
    }
  }

  static void sync(int descriptor) throws SystemCallException {
    callInt(Function.FSYNC, descriptor);
  }

  /** Waits until the dirty pages of a mapped range are on the device. */
  static void syncMapped(long address, long length) throws SystemCallException {
    callInt(Function.MSYNC, address, length, MS_SYNC);
  }

  /**
   * Tells the kernel how a mapped range is to be backed.
   *
   * @param advice one of {@link #MADV_HUGEPAGE} and its neighbours; none changes what is read
   */
  static void advise(long address, long length, int advice) throws SystemCallException {
    callInt(Function.MADVISE, address, length, advice);
  }

  /**
   * Maps a file from its start, which may be shorter than the mapping: what is beyond its end can
   * be reached once the file has grown.
   *
   * @param flags {@link #MAP_SHARED} or {@link #MAP_SYNC}
   * @param arena unmaps when it is closed
   */
  static MemorySegment map(int descriptor, long length, int flags, Arena arena)
      throws SystemCallException {
    // A kernel may clear the place of a fixed mapping before it finds that it cannot map there. So
    // a
    // try at a place of the kernel's choice comes first: whatever the file refuses shows there.
    long tried = Math.min(length, MAP_ALIGNMENT);
    unmap(mmap(0, tried, PROT_READ_WRITE, flags, descriptor), tried);
    // A reservation with room to spare, so that the part in use can start where huge pages do.
    long reserved = length + MAP_ALIGNMENT;
    long start = mmap(0, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    long address = aligned(start);
    try {
      mmap(address, length, PROT_READ_WRITE, flags | MAP_FIXED, descriptor);
    } catch (SystemCallException e) {
      // What is in between may be a hole, and another thread's mapping may be in it already.
      unmapUnlessEmpty(start, address - start);
      unmapUnlessEmpty(address + length, start + reserved - address - length);
      throw e;
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(length, arena, segment -> unmap(start, reserved));
  }

  private static void unmapUnlessEmpty(long start, long length) {
    if (length > 0) {
      unmap(start, length);
    }
  }

  /** Maps zeroed memory that takes storage page by page, as it is used. */
  static MemorySegment mapAnonymous(long length, Arena arena) throws SystemCallException {
    long reserved = length + MAP_ALIGNMENT;
    long start =
        mmap(0, reserved, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    return MemorySegment.ofAddress(aligned(start))
        .reinterpret(length, arena, segment -> unmap(start, reserved));
  }

  /**
   * Puts machine code where it can run: into a page that is first written, then made executable. It
   * stays for the life of the process.
   *
   * @return its address
   */
  static long installCode(byte[] code) throws SystemCallException {
    long page = mmap(0, code.length, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    MemorySegment.copy(
        code, 0, MemorySegment.ofAddress(page).reinterpret(code.length), JAVA_BYTE, 0, code.length);
    try {
      callInt(Function.MPROTECT, page, code.length, PROT_READ_EXECUTE);
      return page;
    } catch (Throwable e) {
      unmap(page, code.length);
      throw e;
    }
  }

  /**
   * Makes a function of machine code callable, without a transition of thread state: it holds up
   * the garbage collector, so it must be short.
   */
  static MethodHandle linkCode(long address, FunctionDescriptor function) {
    return LINKER.downcallHandle(
        MemorySegment.ofAddress(address), function, Linker.Option.critical(false));
  }

  /**
   * Returns who handles faults on pages that a file has lost: the JVM, or whoever came before it.
   *
   * @throws SystemCallException if nobody does, as no JVM leaves it
   */
  static long faultHandler() throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      long handler = faultAction(arena).get(JAVA_LONG, 0);
      if (handler == 0 || handler == 1) {
        throw new SystemCallException("sigaction", EINVAL); // The default, or ignored.
      }
      return handler;
    }
  }

  /** Sets who handles faults on lost pages, and leaves the way in which handlers are called. */
  static void replaceFaultHandler(long handler) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment action = faultAction(arena);
      action.set(JAVA_LONG, 0, handler);
      callInt(Function.SIGACTION, SIGBUS, action.address(), 0);
    }
  }

  private static MemorySegment faultAction(Arena arena) throws SystemCallException {
    MemorySegment action = arena.allocate(SIGACTION_SIZE, Long.BYTES);
    callInt(Function.SIGACTION, SIGBUS, 0, action.address());
    return action;
  }

  private static long mmap(long address, long length, int protection, int flags, int descriptor)
      throws SystemCallException {
    return callLong(Function.MMAP, address, length, protection, flags, descriptor, 0);
  }

  private static void unmap(long address, long length) {
    try {
      callInt(Function.MUNMAP, address, length);
    } catch (SystemCallException e) {
      assert false : e; // It was mapped here.
    }
  }

  private static long aligned(long address) {
    return (address + MAP_ALIGNMENT - 1) & -MAP_ALIGNMENT;
  }

  /** Calls a function that returns an int; throws if that is -1. */
  private static int callInt(Function function, long... arguments) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(ERRNO_LAYOUT);
      // Narrowed first: the upper half of the register may hold anything.
      int result = (int) call(function, errno, arguments);
      checked(function, result, errno);
      return result;
    }
  }

  /** Calls a function that returns a long, or an address; throws if that is -1. */
  private static long callLong(Function function, long... arguments) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(ERRNO_LAYOUT);
      return checked(function, call(function, errno, arguments), errno);
    }
  }

  private static long checked(Function function, long result, MemorySegment errno)
      throws SystemCallException {
    if (result == -1) {
      long offset = ERRNO_LAYOUT.byteOffset(PathElement.groupElement("errno"));
      throw new SystemCallException(function.call, errno.get(JAVA_INT, offset));
    }
    return result;
  }

  private static long call(Function function, MemorySegment errno, long[] arguments)
      throws SystemCallException {
    MemorySegment address = MemorySegment.ofAddress(function.address);
    long[] all = Arrays.copyOf(arguments, ARGUMENT_COUNT);
    try {
      return (long)
          CALL.invokeExact(address, errno, all[0], all[1], all[2], all[3], all[4], all[5]);
    } catch (IllegalCallerException denied) {
      throw new SystemCallException(denied);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /*
   * One handle calls every function. The first call of each type of function costs the JVM some ten
   * milliseconds, since it generates classes for the type, so all are called as one type: six
   * longs, and a long back. On Linux, x86-64 and AArch64, that is right for functions of up to six
   * ints, longs and addresses, variadic or not: each takes one register, of which the function
   * reads as much as it declares, and it does not look at the registers that it has no use for.
   */
  private static MethodHandle linkAny() {
    FunctionDescriptor type =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    try {
      return LINKER.downcallHandle(type, Linker.Option.captureCallState("errno"));
    } catch (IllegalCallerException denied) {
      // Left to the first call, which can say so to the user; here it would spoil the class.
      MethodType handle =
          type.toMethodType().insertParameterTypes(0, MemorySegment.class, MemorySegment.class);
      return MethodHandles.dropArguments(
          MethodHandles.throwException(long.class, IllegalCallerException.class).bindTo(denied),
          0,
          handle.parameterList());
    }
  }
}
