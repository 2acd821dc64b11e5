package dev.tutti.collectives.record;

import java.lang.System.Logger.Level;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersManager;

/// Labels the counters in the form of Agrona, so that any tool for Agrona's counters can read them.
///
/// Agrona's buffers need a JVM option; without it the labels are missing, and `tutti stat`, which
/// knows the counters by their places, shows them all the same.
final class CounterLabels {
  private static final System.Logger LOGGER = System.getLogger(CounterLabels.class.getName());
  private static final String PACKAGE = "jdk.internal.misc";

  private CounterLabels() {}

  /// Writes the labels into a record, if that is possible.
  static void write(long record) {
    if (!isPossible()) {
      LOGGER.log(
          Level.DEBUG,
          "Counters have no labels for Agrona''s tools; for these start the JVM with"
              + " --add-exports java.base/{0}=ALL-UNNAMED",
          PACKAGE);
      return;
    }
    Writer.write(record);
  }

  /// Agrona's classes fail for ever after the first failed attempt, hence the question.
  private static boolean isPossible() {
    return Object.class.getModule().isExported(PACKAGE, CountersManager.class.getModule());
  }

  /// Loaded only where Agrona works.
  private static final class Writer {
    static void write(long record) {
      int counters = RecordLayout.MAX_COUNTERS;
      CountersManager manager =
          new CountersManager(
              new UnsafeBuffer(record + RecordLayout.LABELS, counters * RecordLayout.LABEL_BYTES),
              new UnsafeBuffer(record + RecordLayout.VALUES, counters * RecordLayout.VALUE_BYTES));
      for (Counter counter : Counter.values()) {
        int id = manager.allocate(counter.label(), counter.ordinal());
        if (id != counter.ordinal()) {
          throw new AssertionError(counter + " got id " + id);
        }
      }
    }
  }
}
