package dev.cairn.evidence.mutants;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loads Cairn's modules and the scenarios anew, with a switch before each call that some mutant
 * changes. One loader serves all mutants, so that what it loads is compiled by the JVM once.
 *
 * <p>Assertions are off in what it loads, as they are for users: the crash tests must notice.
 *
 * <p>The crash explorer and the seam to it, {@code Medium}, are those of the parent.
 */
final class InstrumentingLoader extends ClassLoader {
  private static final Set<String> SHARED =
      Set.of(
          "dev.cairn.heap.Medium",
          "dev.cairn.heap.StoreObserver",
          "dev.cairn.heap.Durability",
          "dev.cairn.heap.Durability$Level");
  private static final ClassDesc SWITCHES = ClassDesc.of(Switches.class.getName());
  private static final MethodTypeDesc CALL =
      MethodTypeDesc.of(
          ConstantDescs.CD_Object,
          ConstantDescs.CD_int,
          ConstantDescs.CD_MethodHandle,
          ConstantDescs.CD_Object.arrayType());

  private final Sites sites;

  InstrumentingLoader(Sites sites) {
    super(InstrumentingLoader.class.getClassLoader());
    this.sites = sites;
    setDefaultAssertionStatus(false);
  }

  private static boolean isOwn(String name) {
    if (SHARED.contains(name) || name.startsWith("dev.cairn.crashtest.")) {
      return false;
    }
    return name.startsWith("dev.cairn.")
        && (!name.startsWith("dev.cairn.evidence.")
            || name.startsWith("dev.cairn.evidence.mutants.scenarios."));
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!isOwn(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    String path = name.replace('.', '/');
    try (InputStream in = getResourceAsStream(path + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      byte[] instrumented = sites.isIn(path) ? instrument(bytes, path) : bytes;
      return defineClass(name, instrumented, 0, instrumented.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] instrument(byte[] bytes, String path) {
    ClassFile classFile = ClassFile.of();
    return classFile.transformClass(
        classFile.parse(bytes),
        (builder, element) -> {
          if (element instanceof MethodModel method && method.code().isPresent()) {
            CodeTransform switches = new Instrumentation(sites, path, method);
            builder.transformMethod(method, MethodTransform.transformingCode(switches));
          } else {
            builder.with(element);
          }
        });
  }

  /** Puts the switches into one method. */
  private static final class Instrumentation implements CodeTransform {
    private final Sites sites;
    private final String path;
    private final MethodModel method;
    private final Map<String, Integer> seen = new HashMap<>();

    Instrumentation(Sites sites, String path, MethodModel method) {
      this.sites = sites;
      this.path = path;
      this.method = method;
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      if (element instanceof InvokeInstruction call && Sites.canChange(call)) {
        Site site = sites.find(path, method, call, seen);
        if (site != null) {
          addSwitch(code, call, site);
          return;
        }
      }
      code.with(element);
    }

    private static void addSwitch(CodeBuilder code, InvokeInstruction call, Site site) {
      Label changed = code.newLabel();
      Label end = code.newLabel();
      code.getstatic(SWITCHES, "ON", ConstantDescs.CD_boolean.arrayType())
          .loadConstant(site.id())
          .baload()
          .ifne(changed)
          .with(call)
          .goto_(end)
          .labelBinding(changed);
      addCall(code, call, site);
      code.labelBinding(end);
    }

    private static void addCall(CodeBuilder code, InvokeInstruction call, Site site) {
      MethodTypeDesc type = call.typeSymbol();
      List<ClassDesc> arguments =
          call.opcode() == Opcode.INVOKESTATIC
              ? type.parameterList()
              : type.insertParameterTypes(0, call.owner().asSymbol()).parameterList();
      int[] locals = new int[arguments.size()];
      for (int i = locals.length - 1; i >= 0; i--) {
        TypeKind kind = TypeKind.from(arguments.get(i));
        locals[i] = code.allocateLocal(kind);
        code.storeLocal(kind, locals[i]);
      }
      code.loadConstant(site.id()).loadConstant(target(call)).loadConstant(locals.length);
      code.anewarray(ConstantDescs.CD_Object);
      for (int i = 0; i < locals.length; i++) {
        code.dup().loadConstant(i).loadLocal(TypeKind.from(arguments.get(i)), locals[i]);
        box(code, arguments.get(i));
        code.aastore();
      }
      code.invokestatic(SWITCHES, "call", CALL);
      unbox(code, type.returnType());
    }

    private static DirectMethodHandleDesc target(InvokeInstruction call) {
      DirectMethodHandleDesc.Kind kind =
          switch (call.opcode()) {
            case INVOKESTATIC ->
                call.isInterface()
                    ? DirectMethodHandleDesc.Kind.INTERFACE_STATIC
                    : DirectMethodHandleDesc.Kind.STATIC;
            case INVOKEINTERFACE -> DirectMethodHandleDesc.Kind.INTERFACE_VIRTUAL;
            default -> DirectMethodHandleDesc.Kind.VIRTUAL;
          };
      return MethodHandleDesc.ofMethod(
          kind, call.owner().asSymbol(), call.name().stringValue(), call.typeSymbol());
    }

    private static void box(CodeBuilder code, ClassDesc type) {
      if (type.isPrimitive()) {
        ClassDesc box = boxOf(type);
        code.invokestatic(box, "valueOf", MethodTypeDesc.of(box, type));
      }
    }

    private static void unbox(CodeBuilder code, ClassDesc type) {
      if (type.equals(ConstantDescs.CD_void)) {
        code.pop();
      } else if (type.isPrimitive()) {
        ClassDesc box = boxOf(type);
        code.checkcast(box)
            .invokevirtual(box, type.displayName() + "Value", MethodTypeDesc.of(type));
      } else {
        code.checkcast(type);
      }
    }

    private static ClassDesc boxOf(ClassDesc primitive) {
      return switch (primitive.descriptorString().charAt(0)) {
        case 'Z' -> ConstantDescs.CD_Boolean;
        case 'B' -> ConstantDescs.CD_Byte;
        case 'S' -> ConstantDescs.CD_Short;
        case 'C' -> ConstantDescs.CD_Character;
        case 'I' -> ConstantDescs.CD_Integer;
        case 'J' -> ConstantDescs.CD_Long;
        case 'F' -> ConstantDescs.CD_Float;
        default -> ConstantDescs.CD_Double;
      };
    }
  }
}
