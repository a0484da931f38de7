package dev.cairn.bench.run;

import dev.cairn.bench.peer.Place;
import dev.cairn.crashtest.kill.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Folders for files that are measured: one on tmpfs, one on a disk. Their names have the process in
 * them: what a run that was killed left behind, the next one finds and deletes. Everything is
 * deleted at the end, and when the command is interrupted.
 */
public final class Scratch implements AutoCloseable {
  private static final String PREFIX = "cairn-bench-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)-.*");
  private static final String TMPFS = "tmpfs";

  /** In this process: a path that was used once is not used again. */
  private static final AtomicInteger STORES = new AtomicInteger();

  private final Path memoryParent;
  private final Path diskParent;
  private final Thread cleaner = new Thread(this::interrupted, "cleaner");

  private Scratch(Path memoryParent, Path diskParent) {
    this.memoryParent = memoryParent;
    this.diskParent = diskParent;
  }

  /**
   * Prepares, and deletes what dead runs left.
   *
   * @param memoryParent a folder on tmpfs, or on persistent memory
   * @param diskParent a folder on a disk
   */
  public static Scratch in(Path memoryParent, Path diskParent) throws IOException {
    sweep(memoryParent);
    sweep(diskParent);
    Scratch scratch = new Scratch(memoryParent, diskParent);
    Runtime.getRuntime().addShutdownHook(scratch.cleaner);
    return scratch;
  }

  /** Whether the disk's folder is one that a power failure would leave as it was. */
  public boolean hasDisk() throws IOException {
    return !Files.getFileStore(diskParent).type().equals(TMPFS);
  }

  /** Says what is under a place. */
  public String describe(Place place) throws IOException {
    if (place == Place.DRAM) {
      return "the Java heap";
    }
    Path parent = parent(place);
    return parent + " (" + Files.getFileStore(parent).type() + ")";
  }

  private Path parent(Place place) {
    return place == Place.DISK ? diskParent : memoryParent;
  }

  /** Makes an empty folder for a store. */
  public Path create(Place place) throws IOException {
    String name = PREFIX + ProcessHandle.current().pid() + "-" + STORES.incrementAndGet();
    return Files.createDirectory(parent(place).resolve(name));
  }

  /** Returns how much storage all files of a folder take. */
  static long bytesOnStorage(Path folder) throws IOException, InterruptedException {
    // Java tells the length of a file alone, which says nothing where a file has holes.
    Process process = new ProcessBuilder("du", "-s", "-B1", folder.toString()).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("du cannot tell the size of " + folder);
    }
    return Long.parseLong(said.substring(0, said.indexOf('\t')));
  }

  /** Deletes a folder and what is in it. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void sweep(Path parent) throws IOException {
    for (Path folder : folders(parent)) {
      Matcher name = NAME.matcher(folder.getFileName().toString());
      if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
        delete(folder);
      }
    }
  }

  private static List<Path> folders(Path parent) throws IOException {
    try (Stream<Path> all = Files.list(parent)) {
      return all.filter(path -> path.getFileName().toString().startsWith(PREFIX)).toList();
    }
  }

  private void interrupted() {
    ChildJvm.killAll();
    try {
      deleteOwn();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void deleteOwn() throws IOException {
    String own = PREFIX + ProcessHandle.current().pid() + "-";
    for (Path parent : List.of(memoryParent, diskParent)) {
      for (Path folder : folders(parent)) {
        if (folder.getFileName().toString().startsWith(own)) {
          delete(folder);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      return; // the JVM is ending: the cleaner is at work
    }
    deleteOwn();
  }
}
