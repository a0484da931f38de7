package dev.cairn.examples.index;

import dev.cairn.examples.command.BadInputException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files to index: everything below a folder, by name, so that each process that looks sees the
 * same order. Symbolic links are not followed.
 *
 * <p>A file is text if it has no zero byte. It is read as UTF-8, whatever it is: bytes that are not
 * UTF-8 separate words.
 */
final class TextTree implements Closeable {
  /** Larger files are left out: one file is one transaction, and is held in memory. */
  static final int LARGEST_BYTES = 64 << 20;

  /** A file, named as seen from the folder. The size and time are those when it was listed. */
  record TextFile(String name, Path path, long sizeBytes, long modifiedMillis) {}

  private final String description;
  private final List<TextFile> files = new ArrayList<>();
  private final @Nullable FileSystem archive;
  private int unlisted;

  private TextTree(String description, @Nullable FileSystem archive) {
    this.description = description;
    this.archive = archive;
  }

  /**
   * Lists the files below a folder or, without one, the text that comes with the running JDK.
   *
   * @param limit how many files at most: the first ones by name
   * @throws BadInputException if there is no such folder, or it cannot be read
   */
  static TextTree open(Optional<Path> folder, int limit) throws IOException {
    return folder.isPresent() ? ofFolder(folder.get(), limit) : ofRunningJdk(limit);
  }

  private static TextTree ofFolder(Path folder, int limit) throws IOException {
    if (!Files.exists(folder)) {
      throw new BadInputException(folder + ": no such folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(folder + ": not a folder");
    }
    if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
      throw new BadInputException(folder + ": no permission to read this folder");
    }
    TextTree tree = new TextTree(folder.toString(), null);
    tree.list(folder, limit);
    return tree;
  }

  /** The sources of {@code java.base}, or the legal notices where there are no sources. */
  private static TextTree ofRunningJdk(int limit) throws IOException {
    Path home = Path.of(System.getProperty("java.home"));
    Path sources = home.resolve("lib").resolve("src.zip");
    if (Files.isReadable(sources)) {
      FileSystem archive = FileSystems.newFileSystem(sources);
      TextTree tree = new TextTree("java.base in " + sources, archive);
      tree.list(archive.getPath("/java.base"), limit);
      return tree;
    }
    Path legal = home.resolve("legal");
    if (Files.isDirectory(legal)) {
      return ofFolder(legal, limit);
    }
    throw new BadInputException(
        "no text to index: " + sources + " and " + legal + " do not exist; name a folder");
  }

  private void list(Path root, int limit) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
              String name = root.relativize(path).toString();
              long modified = attributes.lastModifiedTime().toMillis();
              files.add(new TextFile(name, path, attributes.size(), modified));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException cause) {
            unlisted++;
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(Comparator.comparing(TextFile::name));
    if (files.size() > limit) {
      files.subList(limit, files.size()).clear();
    }
  }

  /** Returns where the files are, for people. */
  String description() {
    return description;
  }

  List<TextFile> files() {
    return files;
  }

  /** Returns how many folders, or entries of them, could not be looked into. */
  int unlisted() {
    return unlisted;
  }

  /** Reads a file's text, or says why there is none. */
  Content read(TextFile file) {
    if (file.sizeBytes > LARGEST_BYTES) {
      return Content.TOO_LARGE;
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file.path)) {
      bytes = in.readNBytes(LARGEST_BYTES + 1);
    } catch (IOException e) {
      return Content.UNREADABLE;
    }
    if (bytes.length > LARGEST_BYTES) {
      return Content.TOO_LARGE;
    }
    for (byte b : bytes) {
      if (b == 0) {
        return Content.BINARY;
      }
    }
    return new Content(Content.Kind.TEXT, new String(bytes, StandardCharsets.UTF_8), bytes.length);
  }

  @Override
  public void close() throws IOException {
    if (archive != null) {
      archive.close();
    }
  }
}
