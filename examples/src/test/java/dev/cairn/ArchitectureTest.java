package dev.cairn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.cairn.collections.PersistentHeap;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.net.URL;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The one direction of dependencies: heap, tx, allocator, collections, then everything else. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.cairn");

  @Test
  void dependenciesPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.cairn..")
        .layer("heap")
        .definedBy("dev.cairn.heap..")
        .layer("btt")
        .definedBy("dev.cairn.btt..")
        .layer("tx")
        .definedBy("dev.cairn.tx..")
        .layer("allocator")
        .definedBy("dev.cairn.allocator..")
        .layer("collections")
        .definedBy("dev.cairn.collections..")
        .layer("crashtest")
        .definedBy("dev.cairn.crashtest..")
        .layer("examples")
        .definedBy("dev.cairn.examples..")
        .whereLayer("heap")
        .mayNotAccessAnyLayer()
        .whereLayer("btt")
        .mayOnlyAccessLayers("heap")
        .whereLayer("tx")
        .mayOnlyAccessLayers("heap")
        .whereLayer("allocator")
        .mayOnlyAccessLayers("heap", "tx")
        .whereLayer("collections")
        .mayOnlyAccessLayers("heap", "tx", "allocator")
        .whereLayer("crashtest")
        .mayOnlyAccessLayers("heap")
        .whereLayer("examples")
        .mayOnlyAccessLayers("heap", "btt", "tx", "allocator", "collections", "crashtest")
        .check(CLASSES);
  }

  @Test
  void programsUseThePublicApiOnly() {
    noClasses()
        .that()
        .resideInAPackage("dev.cairn.examples..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.cairn..spi..")
        .check(CLASSES);
  }

  /** What structures overwrite is snapshotted or fresh: crash tests check it, on this accessor. */
  @Test
  void structuresStoreThroughTheAccessorThatIsChecked() {
    noClasses()
        .that()
        .resideInAPackage("dev.cairn.collections..")
        .should()
        .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("protocolAccessor")))
        .orShould()
        .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.name("storedByProtocol")))
        .check(CLASSES);
  }

  @Test
  void noPackagesDependOnEachOtherInACircle() {
    SlicesRuleDefinition.slices()
        .matching("dev.cairn.(**)")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @Test
  void theCoreHasNoDependencies() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.cairn.heap..", "dev.cairn.btt..", "dev.cairn.tx..", "dev.cairn.allocator..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("dev.cairn..", "java..", "jdk.nio.mapmode..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void thereIsNoRoomForWhatNobodyCouldName() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..common..", "..impl..", "..helper..", "..manager..")
        .check(CLASSES);
  }

  @Test
  void modulesRequireOnlyTheModuleBeforeThem() throws IOException {
    assertEquals(Set.of("dev.cairn.allocator"), required(PersistentHeap.class));
    assertEquals(
        Set.of("dev.cairn.tx"), required(dev.cairn.allocator.OutOfPersistentMemoryException.class));
    assertEquals(
        Set.of("dev.cairn.heap"), required(dev.cairn.tx.TransactionAbortedException.class));
    assertEquals(Set.of("dev.cairn.heap"), required(dev.cairn.btt.BttStore.class));
    assertEquals(Set.of(), required(dev.cairn.heap.Medium.class));
  }

  /** The modules of this project that the module with a class in it requires, tests or not. */
  private static Set<String> required(Class<?> anyClass) throws IOException {
    String file = anyClass.getName().replace('.', '/') + ".class";
    URL url = anyClass.getClassLoader().getResource(file);
    assertNotNull(url, file);
    String root = url.toString().substring(0, url.toString().length() - file.length());
    try (InputStream in = URI.create(root + "module-info.class").toURL().openStream()) {
      return ModuleDescriptor.read(in).requires().stream()
          .map(ModuleDescriptor.Requires::name)
          .filter(name -> name.startsWith("dev.cairn"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
