package dev.cairn.examples.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an {@link IndexWorker} is told to do.
 *
 * @param storage how to store the index
 * @param sync whether it shall survive a crash of the operating system, on an ordinary file
 * @param index where it is
 * @param scratch a folder on the same file system, for what does not last
 * @param limit how many files to look at, at most
 * @param folder where they are; if absent, the text that comes with the running JDK
 */
record Job(
    Storage storage, boolean sync, Path index, Path scratch, int limit, Optional<Path> folder) {

  /** Reads a job from the arguments of a command. */
  static Job of(String[] args) {
    return new Job(
        Storage.valueOf(args[0]),
        Boolean.parseBoolean(args[1]),
        Path.of(args[2]),
        Path.of(args[3]),
        Integer.parseInt(args[4]),
        args.length > 5 ? Optional.of(Path.of(args[5])) : Optional.empty());
  }

  /** Returns the arguments that {@link #of} reads. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add(storage.name());
    arguments.add(Boolean.toString(sync));
    arguments.add(index.toString());
    arguments.add(scratch.toString());
    arguments.add(Integer.toString(limit));
    folder.ifPresent(given -> arguments.add(given.toString()));
    return arguments;
  }

  TextTree openTexts() throws IOException {
    return TextTree.open(folder, limit);
  }

  Index openIndex() throws IOException {
    return storage.open(index, sync);
  }

  /** Uses another, small index once, so that the classes are loaded when the real one is opened. */
  void loadClasses() throws IOException {
    Path path = scratch.resolve("small." + storage);
    try (Index small = storage.create(path, sync)) {
      small.add("small", Words.count("a few words"));
    }
    try (Index small = storage.open(path, sync)) {
      small.verify();
    }
    Files.delete(path);
  }
}
