package dev.cairn.examples.index;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The process that indexes, and is killed while it does. It opens what its predecessor left, checks
 * it, and adds the files that are not there yet. On its standard output it says what it is doing,
 * one {@link WorkerMessage} a line; when it has finished it waits for the end of its standard
 * input, so that it can be killed even then.
 */
final class IndexWorker {
  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private long updates;
  private long storeNanos;

  private IndexWorker() {}

  /** Does the {@link Job} that the arguments say. */
  public static void main(String[] args) throws IOException {
    Job job = Job.of(args);
    try (TextTree texts = job.openTexts()) {
      new IndexWorker().run(job, texts);
    }
  }

  private void run(Job job, TextTree texts) throws IOException {
    long start = System.nanoTime();
    job.loadClasses();
    long loaded = System.nanoTime();
    try (Index index = job.openIndex()) {
      long opened = System.nanoTime();
      index.verify();
      long verified = System.nanoTime();
      say(
          new WorkerMessage.Opened(
              index.fileCount(),
              index.hasUndone() ? 1 : 0,
              loaded - start,
              opened - loaded,
              verified - opened));
      addMissing(texts, index);
      say(new WorkerMessage.Finished());
      waitForEndOfInput();
    }
  }

  /** The parent closes the pipe when it wants no more of this worker; if it dies, that does too. */
  private static void waitForEndOfInput() throws IOException {
    System.in.transferTo(OutputStream.nullOutputStream());
  }

  private void addMissing(TextTree texts, Index index) throws IOException {
    long start = System.nanoTime();
    int files = index.fileCount();
    for (TextTree.TextFile file : texts.files()) {
      if (index.contains(file.name())) {
        continue;
      }
      Content content = texts.read(file);
      if (!content.isText()) {
        continue;
      }
      WordCounts counts = Words.count(content.text());
      say(new WorkerMessage.Adding());
      long before = System.nanoTime();
      index.add(file.name(), counts);
      long after = System.nanoTime();
      files++;
      updates += updates(counts);
      storeNanos += after - before;
      say(new WorkerMessage.Added(files, updates, storeNanos, after - start));
    }
  }

  /** Two for the file itself, its entry and its name, and two for each word: entry and posting. */
  private static long updates(WordCounts counts) {
    return 2 + 2L * counts.distinctWords();
  }

  /** A line is one write, which a pipe takes whole: a kill cannot leave half of it. */
  private void say(WorkerMessage message) throws IOException {
    out.write((message.line() + '\n').getBytes(StandardCharsets.US_ASCII));
  }
}
