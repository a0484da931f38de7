package dev.cairn.evidence.mutants;

import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches.Call;
import dev.cairn.evidence.mutants.Switches.Interceptor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A seeded bug.
 *
 * @param where the method that is wrong
 * @param what how it is wrong
 * @param bugClass its number among the classes of crash bugs, as {@code docs/crash-testing.md}
 *     lists them
 * @param area whose scenarios are most likely to notice
 * @param changes what happens instead of which calls; made anew for each run
 */
record Mutant(
    String where,
    String what,
    int bugClass,
    Area area,
    Supplier<Map<Integer, Interceptor>> changes) {

  /** The class of bugs that lose nothing but time. */
  static final int COSTS = 25;

  String name() {
    return where + ": " + what;
  }

  /** A mutant without state that changes one call. */
  static Mutant at(Site site, String what, int bugClass, Interceptor interceptor) {
    return new Mutant(
        site.where(), what, bugClass, areaOf(site), () -> Map.of(site.id(), interceptor));
  }

  static Mutant leftOut(Site site, int bugClass) {
    return at(site, called(site) + " left out", bugClass, Call::nothing);
  }

  /** A call that is made twice. */
  static Mutant twice(Site site) {
    return at(
        site,
        called(site) + " twice",
        COSTS,
        call -> {
          call.proceed();
          return call.proceed();
        });
  }

  /** A call that waits until a later one has been made, by the same thread. */
  static Mutant swapped(Site first, Site second, int bugClass) {
    String what = called(first) + " after " + called(second);
    if (!first.where().equals(second.where())) {
      what += " of " + second.where();
    }
    return new Mutant(first.where(), what, bugClass, areaOf(first), () -> swap(first, second));
  }

  private static Map<Integer, Interceptor> swap(Site first, Site second) {
    Map<Integer, Interceptor> changes = new HashMap<>();
    changes.put(
        first.id(),
        call -> {
          waiting(first).add(call);
          return call.nothing();
        });
    changes.put(
        second.id(),
        call -> {
          List<Call> held = List.copyOf(waiting(first));
          waiting(first).clear();
          Object result = call.proceed();
          for (Call late : held) {
            late.proceed();
          }
          return result;
        });
    return changes;
  }

  @SuppressWarnings("unchecked")
  private static List<Call> waiting(Site site) {
    return (List<Call>) Switches.memory().computeIfAbsent(site, s -> new ArrayList<Call>());
  }

  static String called(Site site) {
    return "`" + site.callee() + (site.ordinal() == 1 ? "" : " " + site.ordinal()) + "`";
  }

  static Area areaOf(Site site) {
    String module = site.caller().split("/", -1)[2];
    return Area.valueOf(module.toUpperCase(Locale.ROOT));
  }

  // What interceptors need of objects whose classes only the other loader knows.

  static Object invoke(Object receiver, String name, Object... arguments) throws Throwable {
    Class<?>[] types = new Class<?>[arguments.length];
    for (int i = 0; i < types.length; i++) {
      Class<?> type = arguments[i].getClass();
      types[i] = type == Long.class ? long.class : type == Integer.class ? int.class : type;
    }
    Method method = receiver.getClass().getDeclaredMethod(name, types);
    method.setAccessible(true);
    try {
      return method.invoke(receiver, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  static Object field(Object owner, String name) throws ReflectiveOperationException {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(owner);
  }
}
