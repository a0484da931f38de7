package dev.cairn.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.examples.command.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTreeTest {
  @TempDir private Path folder;

  @Test
  void listsFilesOfAllFoldersByName() throws IOException {
    Files.createDirectories(folder.resolve("b/c"));
    Files.writeString(folder.resolve("b/c/deep"), "x");
    Files.writeString(folder.resolve("z"), "x");
    Files.writeString(folder.resolve("a"), "x");
    assertEquals(List.of("a", "b/c/deep", "z"), names(Integer.MAX_VALUE));
    assertEquals(List.of("a", "b/c/deep"), names(2));
  }

  @Test
  void doesNotFollowSymbolicLinks() throws IOException {
    Files.writeString(folder.resolve("real"), "x");
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
    Files.createSymbolicLink(folder.resolve("loop"), folder);
    assertEquals(List.of("real"), names(Integer.MAX_VALUE));
  }

  @Test
  void tellsTextFromBinary() throws IOException {
    Files.writeString(folder.resolve("1-text"), "größe");
    Files.write(folder.resolve("2-binary"), new byte[] {'a', 0, 'b'});
    Files.write(folder.resolve("3-latin"), new byte[] {'a', 'b', (byte) 0xe9, 'c', 'd'});
    Files.createFile(folder.resolve("4-empty"));
    try (TextTree tree = TextTree.open(Optional.of(folder), Integer.MAX_VALUE)) {
      List<Content> contents = tree.files().stream().map(tree::read).toList();
      assertEquals("größe", contents.get(0).text());
      assertEquals(7, contents.get(0).sizeBytes());
      assertEquals(Content.BINARY, contents.get(1));
      assertEquals("ab\ufffdcd", contents.get(2).text());
      assertTrue(contents.get(3).isText());
    }
  }

  @Test
  void saysWhenAFileCannotBeRead() throws IOException {
    Files.writeString(folder.resolve("gone"), "x");
    try (TextTree tree = TextTree.open(Optional.of(folder), Integer.MAX_VALUE)) {
      Files.delete(folder.resolve("gone"));
      assertEquals(Content.UNREADABLE, tree.read(tree.files().getFirst()));
    }
  }

  @Test
  void refusesWhatIsNotAFolder() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThrows(BadInputException.class, () -> TextTree.open(Optional.of(file), 1).close());
    Path missing = folder.resolve("missing");
    assertThrows(BadInputException.class, () -> TextTree.open(Optional.of(missing), 1).close());
  }

  @Test
  void findsTextInTheJdk() throws IOException {
    try (TextTree tree = TextTree.open(Optional.empty(), 20)) {
      assertFalse(tree.files().isEmpty());
      assertTrue(tree.read(tree.files().getFirst()).isText());
    }
  }

  private List<String> names(int limit) throws IOException {
    try (TextTree tree = TextTree.open(Optional.of(folder), limit)) {
      return tree.files().stream().map(TextTree.TextFile::name).toList();
    }
  }
}
