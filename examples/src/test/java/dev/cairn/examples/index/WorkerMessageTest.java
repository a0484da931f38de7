package dev.cairn.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerMessageTest {

  @Test
  void readsWhatItWrites() {
    List<WorkerMessage> messages =
        List.of(
            new WorkerMessage.Opened(1, 0, 3, 4, 5),
            new WorkerMessage.Adding(),
            new WorkerMessage.Added(1, 2, 3, Long.MAX_VALUE),
            new WorkerMessage.Finished());
    for (WorkerMessage message : messages) {
      assertEquals(message, WorkerMessage.parse(message.line()));
    }
  }

  @Test
  void refusesOtherLines() {
    for (String line : List.of("", "added", "added 1 2 3 x", "opened 1 2", "Exception in")) {
      assertThrows(IllegalArgumentException.class, () -> WorkerMessage.parse(line), line);
    }
  }
}
