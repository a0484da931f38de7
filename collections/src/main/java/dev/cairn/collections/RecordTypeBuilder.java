package dev.cairn.collections;

import static java.lang.invoke.MethodType.methodType;

import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Builds the type of a record class by reflection.
 *
 * <p>Values are taken from the fields, not from the accessors: an accessor is the user's code, may
 * answer differently each time (it may copy an array), and would run while a collection holds a
 * lock. The canonical constructor is the user's code as well, but there is no other way to make a
 * record.
 */
final class RecordTypeBuilder {
  /** A method handle takes 255 words, a component up to two. */
  private static final int MAX_COMPONENTS = 120;

  private static final String SUPPORTED =
      "a primitive or its box, String, byte[], UUID, Instant, BigDecimal, BigInteger, an enum,"
          + " a record, or an Optional or List of such";

  /** The record classes that are being built, outermost first. */
  private final Set<Class<?>> enclosing = new LinkedHashSet<>();

  <R extends Record> RecordType<R> build(Class<R> recordClass) {
    RecordComponent[] reflected = checkedComponents(recordClass);
    enclosing.add(recordClass);
    int count = reflected.length;
    List<ComponentType> types = new ArrayList<>();
    for (RecordComponent component : reflected) {
      types.add(componentType(component));
    }
    enclosing.remove(recordClass);

    MethodHandles.Lookup lookup = privateLookup(recordClass);
    RecordLayout layout =
        RecordLayout.of(
            types.stream().mapToInt(ComponentType::fixedSize).toArray(),
            types.stream().mapToInt(ComponentType::alignment).toArray());
    Component[] components = new Component[count];
    StringBuilder signature = new StringBuilder("record(");
    int previous = -1;
    for (int i = 0; i < count; i++) {
      ComponentType type = types.get(i);
      boolean last = isLastVariable(types, i);
      MethodHandle field = field(lookup, reflected[i]);
      components[i] = type.at(describe(reflected[i]), layout, i, previous, last, field);
      previous = type.fixedSize() == Type.VARIABLE ? layout.position(i) : previous;
      signature.append(i == 0 ? "" : ",").append(reflected[i].getName()).append(':');
      signature.append(type.signature());
    }
    signature.append(')');
    MethodHandle reader = reader(constructor(lookup, recordClass, reflected), components);
    return new RecordType<>(signature.toString(), recordClass, layout, components, reader);
  }

  private static RecordComponent[] checkedComponents(Class<? extends Record> recordClass) {
    RecordComponent[] components = recordClass.getRecordComponents();
    if (components == null) {
      throw new IllegalArgumentException(recordClass.getName() + " is no record class");
    }
    if (recordClass.getTypeParameters().length > 0) {
      throw new IllegalArgumentException(
          "record %s is generic: what its type parameters stand for is not known"
              .formatted(recordClass.getName()));
    }
    if (components.length == 0) {
      throw new IllegalArgumentException(
          "record %s has no components".formatted(recordClass.getName()));
    }
    if (components.length > MAX_COMPONENTS) {
      throw new IllegalArgumentException(
          "record %s has %d components, the limit is %d"
              .formatted(recordClass.getName(), components.length, MAX_COMPONENTS));
    }
    return components;
  }

  /** What a component holds: a primitive, or values of a type. Just one of the two is there. */
  private record ComponentType(@Nullable Primitive primitive, @Nullable Type<?> type) {

    String signature() {
      return primitive != null ? primitive.signature() : present(type).signature();
    }

    int fixedSize() {
      return primitive != null ? primitive.size() : present(type).fixedSize();
    }

    int alignment() {
      return primitive != null ? primitive.size() : present(type).alignment();
    }

    Component at(
        String description,
        RecordLayout layout,
        int index,
        int previous,
        boolean last,
        MethodHandle field) {
      int position = layout.position(index);
      if (primitive != null) {
        return new Component.OfPrimitive(description, primitive, position, field);
      }
      @SuppressWarnings("unchecked") // the field's class is the type's
      Type<Object> objects = (Type<Object>) present(type);
      return objects.fixedSize() == Type.VARIABLE
          ? new Component.OfVariableSize(
              description, objects, position, previous, layout.fixedPart(), last, field)
          : new Component.OfFixedSize(description, objects, position, field);
    }

    private static Type<?> present(@Nullable Type<?> type) {
      if (type == null) {
        throw new AssertionError("neither primitive nor type");
      }
      return type;
    }
  }

  private ComponentType componentType(RecordComponent component) {
    Class<?> javaType = component.getType();
    Primitive primitive = Primitive.of(javaType);
    if (primitive != null) {
      return new ComponentType(primitive, null);
    }
    return new ComponentType(null, objectType(component, component.getGenericType()));
  }

  private Type<?> objectType(RecordComponent component, java.lang.reflect.Type javaType) {
    Type<?> type =
        switch (javaType) {
          case Class<?> record when record.isRecord() ->
              nested(component, record.asSubclass(Record.class));
          case Class<?> enumClass when enumClass.isEnum() -> enumType(enumClass);
          case Class<?> other -> Types.ofClass(other);
          case ParameterizedType of when of.getRawType() == Optional.class ->
              new OptionalType(content(component, of));
          case ParameterizedType of when of.getRawType() == List.class ->
              new ListType(content(component, of));
          default -> null;
        };
    if (type == null) {
      throw new IllegalArgumentException(
          "%s has the unsupported type %s; it may be %s"
              .formatted(describe(component), javaType.getTypeName(), SUPPORTED));
    }
    return type;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an enum class is of its own constants
  private static Type<?> enumType(Class<?> enumClass) {
    return EnumType.of((Class) enumClass);
  }

  @SuppressWarnings("unchecked") // values are what the component's declaration says
  private Type<Object> content(RecordComponent component, ParameterizedType of) {
    return (Type<Object>) objectType(component, of.getActualTypeArguments()[0]);
  }

  private Type<?> nested(RecordComponent component, Class<? extends Record> recordClass) {
    if (enclosing.contains(recordClass)) {
      throw new IllegalArgumentException(
          "%s is recursive: %s"
              .formatted(
                  describe(component),
                  enclosing.stream()
                          .map(Class::getName)
                          .collect(Collectors.joining(" in ", "", " in "))
                      + recordClass.getName()));
    }
    try {
      return build(recordClass);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(describe(component) + ": " + e.getMessage(), e);
    }
  }

  private static boolean isLastVariable(List<ComponentType> types, int index) {
    return types.subList(index + 1, types.size()).stream()
        .noneMatch(type -> type.fixedSize() == Type.VARIABLE);
  }

  private static String describe(RecordComponent component) {
    return "component %s of record %s"
        .formatted(component.getName(), component.getDeclaringRecord().getName());
  }

  private static MethodHandles.Lookup privateLookup(Class<?> recordClass) {
    Module own = RecordTypeBuilder.class.getModule();
    Module theirs = recordClass.getModule();
    own.addReads(theirs);
    try {
      return MethodHandles.privateLookupIn(recordClass, MethodHandles.lookup());
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(
          "record %s is out of reach: its module %s must open the package (opens %s to %s;)"
              .formatted(
                  recordClass.getName(),
                  theirs.getName(),
                  recordClass.getPackageName(),
                  own.isNamed() ? own.getName() : "ALL-UNNAMED"),
          e);
    }
  }

  private static MethodHandle field(MethodHandles.Lookup lookup, RecordComponent component) {
    try {
      return lookup.findGetter(
          component.getDeclaringRecord(), component.getName(), component.getType());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(describe(component), e);
    }
  }

  /** Returns the canonical constructor, which throws {@link IllegalStateException} only. */
  private static MethodHandle constructor(
      MethodHandles.Lookup lookup, Class<?> recordClass, RecordComponent[] components) {
    Class<?>[] parameters =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      MethodHandle constructor =
          lookup
              .findConstructor(recordClass, methodType(void.class, parameters))
              .asType(methodType(Record.class, parameters));
      MethodHandle refusal =
          MethodHandles.lookup()
              .findStatic(
                  RecordTypeBuilder.class,
                  "refusal",
                  methodType(IllegalStateException.class, Class.class, Exception.class))
              .bindTo(recordClass);
      MethodHandle refused =
          MethodHandles.filterReturnValue(
              refusal, MethodHandles.throwException(Record.class, IllegalStateException.class));
      return MethodHandles.catchException(constructor, Exception.class, refused);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the canonical constructor of " + recordClass.getName(), e);
    }
  }

  /** What is thrown instead of an exception of the constructor; found by its name. */
  static IllegalStateException refusal(Class<?> recordClass, Exception cause) {
    return new IllegalStateException(
        "the constructor of record %s refuses stored components: %s"
            .formatted(recordClass.getName(), cause),
        cause);
  }

  /** Feeds the constructor from the components' readers. */
  private static MethodHandle reader(MethodHandle constructor, Component[] components) {
    MethodHandle handle = constructor;
    for (int i = components.length - 1; i >= 0; i--) {
      handle = MethodHandles.collectArguments(handle, i, components[i].reader());
      if (i < components.length - 1) {
        handle = withOneSource(handle, i);
      }
    }
    return handle;
  }

  /** Makes the source that follows the first arguments the source of all that come after them. */
  private static MethodHandle withOneSource(MethodHandle handle, int arguments) {
    MethodType type =
        handle
            .type()
            .dropParameterTypes(arguments, handle.type().parameterCount())
            .appendParameterTypes(MediumAccessor.class, long.class, int.class);
    int[] order = new int[arguments + 6];
    for (int i = 0; i < order.length; i++) {
      order[i] = i < arguments + 3 ? i : i - 3;
    }
    return MethodHandles.permuteArguments(handle, type, order);
  }
}
