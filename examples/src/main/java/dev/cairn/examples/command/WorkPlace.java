package dev.cairn.examples.command;

import dev.cairn.crashtest.kill.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Where a command puts a heap and other files, on one file system. A folder for what is temporary
 * is removed at the end, and also when the program is interrupted; a heap that the user named is
 * kept.
 */
public final class WorkPlace implements AutoCloseable {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private final Path scratch;
  private final Path heap;
  private final String choice;
  private final List<Path> temporary = new CopyOnWriteArrayList<>();
  private volatile boolean kept;
  private final Thread cleaner = new Thread(this::interrupted, "cleaner");

  private WorkPlace(Path scratch, Path heap, String choice) {
    this.scratch = scratch;
    this.heap = heap;
    this.choice = choice;
    Runtime.getRuntime().addShutdownHook(cleaner);
  }

  /**
   * Chooses the place.
   *
   * @param command who wants it: part of the folder's name
   * @param given the heap that the user named, which must not exist yet
   * @param wantedBytes how much room all files will take, about
   * @return the place; its folder exists
   * @throws BadInputException if the heap exists, or there is no room
   */
  public static WorkPlace choose(String command, Optional<Path> given, long wantedBytes)
      throws IOException {
    return given.isPresent() ? beside(command, given.get()) : temporary(command, wantedBytes);
  }

  private static WorkPlace beside(String command, Path heap) throws IOException {
    if (Files.exists(heap, LinkOption.NOFOLLOW_LINKS)) {
      throw new BadInputException(
          heap + " exists already: name a path that does not, or remove it first");
    }
    Path folder = heap.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new BadInputException(heap + ": its folder does not exist or cannot be written");
    }
    return new WorkPlace(scratchIn(command, folder), heap.toAbsolutePath(), "as given by --heap");
  }

  private static WorkPlace temporary(String command, long wantedBytes) throws IOException {
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    String choice = SHARED_MEMORY + " has no room for it";
    if (hasRoom(SHARED_MEMORY, wantedBytes)) {
      parent = SHARED_MEMORY;
      choice = "temporary";
    } else if (!hasRoom(parent, wantedBytes)) {
      throw new BadInputException(
          "no room for a heap of about %,d MB: neither %s nor %s has it; name a place with --heap"
              .formatted(wantedBytes / 1_000_000, SHARED_MEMORY, parent));
    }
    Path scratch = scratchIn(command, parent);
    return new WorkPlace(scratch, scratch.resolve(command + ".heap"), choice);
  }

  private static Path scratchIn(String command, Path folder) throws IOException {
    return Files.createTempDirectory(folder, "cairn-" + command + "-");
  }

  private static boolean hasRoom(Path folder, long bytes) throws IOException {
    return Files.isDirectory(folder)
        && Files.isWritable(folder)
        && Files.getFileStore(folder).getUsableSpace() >= bytes;
  }

  /** Returns where the heap is to be. */
  public Path heap() {
    return heap;
  }

  /** Returns the folder for what is temporary. */
  public Path scratch() {
    return scratch;
  }

  /** Returns why this place, for people. */
  public String choice() {
    return choice;
  }

  /** Returns whether the program is being interrupted. */
  public static boolean isShuttingDown() {
    Thread hook = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private void interrupted() {
    // A child that lives on could write again what is deleted here.
    ChildJvm.killAll();
    delete();
  }

  /** Makes a file outside of that folder temporary as well. */
  public void removeAtEnd(Path file) {
    temporary.add(file);
  }

  /** Keeps what is temporary, for somebody to look at. */
  public void keep() {
    kept = true;
  }

  private void delete() {
    if (kept) {
      return;
    }
    try (var files = Files.list(scratch)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(scratch);
      for (Path file : temporary) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // It is gone already.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // The program is being interrupted, and the cleaner at work.
    }
  }
}
