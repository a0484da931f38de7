package dev.cairn.examples.crash;

/** What a {@link Step} does. */
enum StepKind {
  PUT_TEXT(1),
  REMOVE_TEXT(2),
  PUT_PARCEL(3),
  PUT_BLOB(4),
  REMOVE_BLOB(5),
  ADD_NOTE(6),
  /** Sets, inserts or removes a note in the middle. */
  EDIT_NOTES(7),
  /** One transaction: two accounts, and a posting. */
  TRANSFER(8),
  /** A transfer inside of a transaction that does other things, too. */
  NESTED(9),
  /** A transaction of many changes: more than the log has room for in its lane. */
  BULK(10),
  /** A transaction like {@link #NESTED} that throws in the end: nothing is left of it. */
  ABANDON(11);

  private static final StepKind[] ALL = values();

  /** How often each is drawn, in the order of the kinds. */
  private static final int[] WEIGHTS = {20, 6, 14, 3, 1, 14, 8, 20, 8, 1, 5};

  /** What the journal calls it. */
  final int code;

  StepKind(int code) {
    this.code = code;
  }

  /** Returns the kind for a number that was drawn from all non-negative ones. */
  static StepKind drawn(long number) {
    int sum = 0;
    for (int weight : WEIGHTS) {
      sum += weight;
    }
    int rest = (int) (number % sum);
    int i = 0;
    while (rest >= WEIGHTS[i]) {
      rest -= WEIGHTS[i];
      i++;
    }
    return ALL[i];
  }
}
