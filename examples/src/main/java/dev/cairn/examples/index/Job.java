package dev.cairn.examples.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an {@link IndexWorker} is told to do.
 *
 * @param storage how to store the index
 * @param index where
 * @param limit how many files to look at, at most
 * @param folder where they are; if absent, the text that comes with the running JDK
 */
record Job(Storage storage, Path index, int limit, Optional<Path> folder) {

  /** Reads a job from the arguments of a command. */
  static Job of(String[] args) {
    return new Job(
        Storage.valueOf(args[0]),
        Path.of(args[1]),
        Integer.parseInt(args[2]),
        args.length > 3 ? Optional.of(Path.of(args[3])) : Optional.empty());
  }

  /** Returns the arguments that {@link #of} reads. */
  List<String> arguments() {
    List<String> arguments =
        new ArrayList<>(List.of(storage.name(), index.toString(), Integer.toString(limit)));
    folder.ifPresent(given -> arguments.add(given.toString()));
    return arguments;
  }

  TextTree openTexts() throws IOException {
    return TextTree.open(folder, limit);
  }

  Index openIndex() throws IOException {
    return storage.open(index);
  }
}
