package dev.cairn.evidence.mutants;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/**
 * A call in production code that a mutant can change.
 *
 * @param id its index in {@link Switches}
 * @param caller the class that calls, as in {@code dev/cairn/tx/spi/UndoLog}
 * @param method the calling method's name; that of the enclosing one for a lambda's body
 * @param owner whose method is called
 * @param callee the called method's name
 * @param type the called method's type
 * @param ordinal 1 for the first such call in the method, then 2, 3, ...
 */
record Site(
    int id,
    String caller,
    String method,
    ClassDesc owner,
    String callee,
    MethodTypeDesc type,
    int ordinal) {

  String callerName() {
    return caller.substring(caller.lastIndexOf('/') + 1).replace('$', '.');
  }

  /** Says where, in the form that mutants name places: {@code UndoLog.retire}. */
  String where() {
    return callerName() + "." + method;
  }

  /** Says what is called, in the form that mutants name calls: {@code MediumAccessor.fence}. */
  String calls() {
    return owner.displayName() + "." + callee;
  }

  @Override
  public String toString() {
    return where() + ": " + callee + (ordinal == 1 ? "" : " " + ordinal);
  }
}
