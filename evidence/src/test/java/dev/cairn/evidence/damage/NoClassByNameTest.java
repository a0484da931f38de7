package dev.cairn.evidence.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.heap.Medium;
import dev.cairn.tx.TransactionAbortedException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No class is instantiated because a heap names it: a heap holds no names of classes, and nothing
 * in the core could turn one into a class. Looked at in the constant pools of all its classes.
 */
class NoClassByNameTest {
  /** What makes classes of names or bytes, or objects of streams. */
  private static final Set<String> FORBIDDEN_METHODS =
      Set.of(
          "java/lang/Class.forName",
          "java/lang/ClassLoader.loadClass",
          "java/lang/ClassLoader.defineClass",
          "java/lang/invoke/MethodHandles$Lookup.findClass",
          "java/lang/invoke/MethodHandles$Lookup.defineClass",
          "java/lang/invoke/MethodHandles$Lookup.defineHiddenClass",
          "java/lang/invoke/MethodType.fromMethodDescriptorString",
          "java/lang/reflect/Constructor.newInstance",
          "java/lang/reflect/Method.invoke");

  private static final Set<String> FORBIDDEN_CLASSES =
      Set.of(
          "java/io/ObjectInputStream",
          "java/beans/XMLDecoder",
          "java/util/ServiceLoader",
          "java/lang/reflect/Proxy",
          "javax/script/ScriptEngineManager",
          "java/net/URLClassLoader");

  @Test
  void nothingInTheCoreMakesClassesOfNames() throws IOException {
    int classes = 0;
    List<String> found = new ArrayList<>();
    for (Class<?> anyClass :
        List.of(
            PersistentHeap.class,
            dev.cairn.allocator.OutOfPersistentMemoryException.class,
            TransactionAbortedException.class,
            Medium.class)) {
      for (byte[] bytes : classesBeside(anyClass)) {
        ClassModel model = ClassFile.of().parse(bytes);
        found.addAll(forbidden(model));
        classes++;
      }
    }
    assertTrue(classes > 80, "few classes: " + classes);
    assertEquals(List.of(), found);
  }

  private static List<String> forbidden(ClassModel model) {
    List<String> found = new ArrayList<>();
    String name = model.thisClass().asInternalName();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof MemberRefEntry member) {
        String method = member.owner().asInternalName() + "." + member.name().stringValue();
        if (FORBIDDEN_METHODS.contains(method)) {
          found.add(name + " uses " + method);
        }
      } else if (entry instanceof ClassEntry type
          && FORBIDDEN_CLASSES.contains(type.asInternalName())) {
        found.add(name + " uses " + type.asInternalName());
      }
    }
    return found;
  }

  /** The classes of the module that a class belongs to, from a folder or a jar. */
  private static List<byte[]> classesBeside(Class<?> anyClass) throws IOException {
    String file = anyClass.getName().replace('.', '/') + ".class";
    String url = String.valueOf(anyClass.getClassLoader().getResource(file));
    String root = url.substring(0, url.length() - file.length());
    if (root.startsWith("jar:")) {
      URI jar = URI.create(root.substring(0, root.indexOf('!')));
      try (FileSystem files = FileSystems.newFileSystem(jar, Map.of())) {
        return classesIn(files.getPath("/"), anyClass);
      }
    }
    return classesIn(Path.of(URI.create(root)), anyClass);
  }

  private static List<byte[]> classesIn(Path root, Class<?> anyClass) throws IOException {
    String module = anyClass.getPackageName().replace('.', '/');
    List<byte[]> classes = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(root.resolve(module))) {
      for (Path path : paths.filter(p -> p.toString().endsWith(".class")).sorted().toList()) {
        try (InputStream in = Files.newInputStream(path)) {
          classes.add(in.readAllBytes());
        }
      }
    }
    return classes;
  }

  /** A record is made by the class that the program passes, and by no other. */
  @Test
  void aHeapHoldsNoNamesOfClasses() {
    byte[] image = Specimen.all(1).getFirst().image();
    String bytes = new String(image, java.nio.charset.StandardCharsets.ISO_8859_1);
    Set<String> names = new TreeSet<>();
    for (Class<?> known : List.of(Content.Account.class, Content.Point.class, String.class)) {
      if (bytes.contains(known.getName()) || bytes.contains(known.getSimpleName() + "(")) {
        names.add(known.getName());
      }
    }
    assertEquals(Set.of(), names);
    PersistentHeap heap = PersistentHeap.open(PatchedMedium.of(image), Specimen.OPTIONS);
    record Other(int x, int y) {}
    assertThrows(
        IllegalArgumentException.class,
        () -> heap.list("points", dev.cairn.collections.Types.record(Other.class)));
    heap.close();
  }
}
