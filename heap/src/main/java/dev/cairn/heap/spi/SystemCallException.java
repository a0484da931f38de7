package dev.cairn.heap.spi;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A system call that the kernel refused. */
final class SystemCallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  SystemCallException(String call, int errno) {
    super(call + ": " + reason(errno));
    this.errno = errno;
  }

  /** Creates what every call throws if the JVM does not let Cairn call the system at all. */
  SystemCallException(IllegalCallerException denied) {
    super("Cairn needs native access: start Java with --enable-native-access=dev.cairn.heap");
    initCause(denied);
    this.errno = SystemCalls.EPERM;
  }

  /** Returns the kernel's error number. */
  int errno() {
    return errno;
  }

  /** Returns the exception that Java programs know for this error, naming a file. */
  FileSystemException about(Path path) {
    String file = path.toString();
    FileSystemException exception =
        switch (errno) {
          case SystemCalls.ENOENT ->
              new NoSuchFileException(file, null, "the file or its directory does not exist");
          case SystemCalls.EACCES, SystemCalls.EPERM ->
              new AccessDeniedException(file, null, getMessage());
          case SystemCalls.EEXIST -> new FileAlreadyExistsException(file);
          default -> new FileSystemException(file, null, getMessage());
        };
    exception.initCause(this);
    return exception;
  }

  /** Says it in words that do not depend on the locale. */
  private static String reason(int errno) {
    return switch (errno) {
      case SystemCalls.EPERM -> "not permitted";
      case SystemCalls.ENOENT -> "no such file or directory";
      case SystemCalls.EIO -> "I/O error";
      case SystemCalls.ENXIO -> "no such device";
      case SystemCalls.EAGAIN -> "taken by another";
      case SystemCalls.ENOMEM -> "no memory or address space left";
      case SystemCalls.EACCES -> "permission denied";
      case SystemCalls.EBUSY -> "in use by the system";
      case SystemCalls.EEXIST -> "the file exists";
      case SystemCalls.ENOTDIR -> "a part of the path is not a directory";
      case SystemCalls.EISDIR -> "is a directory";
      case SystemCalls.EINVAL -> "invalid argument";
      case SystemCalls.EMFILE -> "too many open files";
      case SystemCalls.EFBIG -> "no space: the file system cannot hold a file of that size";
      case SystemCalls.ENOSPC -> "no space left on the device";
      case SystemCalls.EROFS -> "read-only file system";
      case SystemCalls.ENOSYS -> "not available in this system";
      case SystemCalls.EOPNOTSUPP -> "not supported by the file system";
      case SystemCalls.EDQUOT -> "no space: disk quota exceeded";
      default -> "error " + errno;
    };
  }
}
