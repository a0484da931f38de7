package dev.cairn.evidence.mutants;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.tx.spi.Transactions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every call from Cairn's production code to Cairn's production code, in the order of the class
 * files. Media are left out: below them is hardware, which no simulation stands for.
 */
final class Sites {
  private static final Set<String> MEDIA = Set.of("dev/cairn/heap/Medium");
  private static final List<Class<?>> ONE_OF_EACH_MODULE =
      List.of(HeapFile.class, Transactions.class, Allocator.class, PersistentHeap.class);

  private final List<Site> all = new ArrayList<>();
  private final Map<String, Site> byKey = new HashMap<>();
  private final Set<String> callers = new HashSet<>();

  private Sites() {}

  static Sites scan() {
    Sites sites = new Sites();
    for (Class<?> member : ONE_OF_EACH_MODULE) {
      Map<String, byte[]> classes = classesBeside(member);
      classes.values().forEach(bytes -> sites.scan(ClassFile.of().parse(bytes)));
    }
    if (sites.all.size() > Switches.ON.length) {
      throw new IllegalStateException("too many call sites: " + sites.all.size());
    }
    return sites;
  }

  /** All calls, those of one method one after the other. */
  List<Site> all() {
    return all;
  }

  boolean isIn(String path) {
    return callers.contains(path);
  }

  /** Finds the one call at a place; for mutants that are written by hand. */
  Site one(String where, String callee) {
    return one(where, callee, 1);
  }

  Site one(String where, String callee, int ordinal) {
    List<Site> found =
        all.stream()
            .filter(site -> site.where().equals(where) && site.callee().equals(callee))
            .toList();
    if (found.size() < ordinal) {
      throw new IllegalStateException(
          "%s calls %s %d times, not %d: a mutant names a place that is no more"
              .formatted(where, callee, found.size(), ordinal));
    }
    return found.get(ordinal - 1);
  }

  /** Finds all calls of a method, wherever they are. */
  List<Site> calling(String calls) {
    List<Site> found = all.stream().filter(site -> site.calls().equals(calls)).toList();
    if (found.isEmpty()) {
      throw new IllegalStateException("nothing calls " + calls);
    }
    return found;
  }

  /** Finds a site while its class is loaded; calls are counted in {@code seen}. */
  @Nullable Site find(
      String path, MethodModel method, InvokeInstruction call, Map<String, Integer> seen) {
    String key = key(path, method, call);
    int ordinal = seen.merge(key, 1, Integer::sum);
    return byKey.get(key + ordinal);
  }

  static boolean canChange(InvokeInstruction call) {
    return call.opcode() != Opcode.INVOKESPECIAL
        && call.owner().asInternalName().startsWith("dev/cairn/");
  }

  private static String key(String path, MethodModel method, InvokeInstruction call) {
    return path
        + "."
        + method.methodName().stringValue()
        + method.methodType().stringValue()
        + ">"
        + call.owner().asInternalName()
        + "."
        + call.name().stringValue()
        + call.type().stringValue()
        + "#";
  }

  private void scan(ClassModel model) {
    String path = model.thisClass().asInternalName();
    boolean isMedium =
        model.interfaces().stream().anyMatch(i -> MEDIA.contains(i.asInternalName()));
    if (isMedium) {
      return;
    }
    Map<String, Integer> ordinals = new HashMap<>();
    for (MethodModel method : model.methods()) {
      if (method.code().isEmpty()) {
        continue;
      }
      Map<String, Integer> seen = new HashMap<>();
      for (CodeElement element : method.code().get()) {
        if (element instanceof InvokeInstruction call && canChange(call)) {
          add(path, method, call, seen, ordinals);
        }
      }
    }
  }

  private void add(
      String path,
      MethodModel method,
      InvokeInstruction call,
      Map<String, Integer> seen,
      Map<String, Integer> ordinals) {
    String key = key(path, method, call);
    String name = plainName(method.methodName().stringValue());
    String callee = call.name().stringValue();
    Site site =
        new Site(
            all.size(),
            path,
            name,
            call.owner().asSymbol(),
            callee,
            call.typeSymbol(),
            ordinals.merge(name + ">" + callee, 1, Integer::sum));
    all.add(site);
    byKey.put(key + seen.merge(key, 1, Integer::sum), site);
    callers.add(path);
  }

  /** A lambda's body belongs to the method around it. */
  private static String plainName(String name) {
    return name.startsWith("lambda$") ? name.substring(7, name.lastIndexOf('$')) : name;
  }

  private static Map<String, byte[]> classesBeside(Class<?> member) {
    try {
      Path place = Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(place)) {
        return classesIn(place);
      }
      try (FileSystem jar = FileSystems.newFileSystem(place)) {
        return classesIn(jar.getPath("/"));
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> classesIn(Path root) throws IOException {
    Map<String, byte[]> classes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = file.toString();
        if (name.endsWith(".class") && !name.endsWith("-info.class")) {
          classes.put(root.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return classes;
  }
}
