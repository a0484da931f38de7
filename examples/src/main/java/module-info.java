/**
 * Runnable programs: numbered examples, one idea each; the guide's; the demo, a durable full-text
 * index; and the crash test.
 */
module dev.cairn.examples {
  requires dev.cairn.btt;
  requires dev.cairn.collections;
  requires dev.cairn.crashtest;
  requires info.picocli;
  requires com.esotericsoftware.kryo;
  requires static org.jspecify;

  // Records are read and made by reflection, and so are the options of the command line.
  opens dev.cairn.examples to
      dev.cairn.collections;
  opens dev.cairn.examples.crash to
      dev.cairn.collections,
      info.picocli;
  opens dev.cairn.examples.guide to
      dev.cairn.collections;
  opens dev.cairn.examples.index to
      dev.cairn.collections,
      info.picocli,
      com.esotericsoftware.kryo;
}
