package dev.tutti.bench.stat;

import dev.tutti.collectives.record.Counter;
import dev.tutti.collectives.record.Dump;
import dev.tutti.collectives.record.LiveRecords.Live;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one rank did between two looks at it.
///
/// @param processId its process, as seen from here
/// @param dump its record at the second look
/// @param operationsPerSecond collectives and messages
/// @param bytesPerSecond count × element size of them
/// @param stallsPerSecond waits that outlasted spinning
/// @param waiting part of the time that such waits took, 0 to 1
/// @param parked part of the time that the thread slept, 0 to 1
public record StatRow(
    long processId,
    Dump dump,
    double operationsPerSecond,
    double bytesPerSecond,
    double stallsPerSecond,
    double waiting,
    double parked) {

  private record Key(long processId, String communicator, int rank) {
    static Key of(long processId, Dump dump) {
      return new Key(processId, dump.identity().communicator(), dump.identity().rank());
    }
  }

  /// Compares two looks at the ranks. A rank that the first one lacks is compared with its begin.
  public static List<StatRow> between(List<Live> before, List<Live> now) {
    Map<Key, Dump> earlier = new HashMap<>();
    for (Live live : before) {
      Dump dump = live.dump();
      if (dump != null) {
        earlier.put(Key.of(live.processId(), dump), dump);
      }
    }
    List<StatRow> rows = new ArrayList<>();
    for (Live live : now) {
      Dump dump = live.dump();
      if (dump != null) {
        rows.add(between(live.processId(), earlier.get(Key.of(live.processId(), dump)), dump));
      }
    }
    return rows;
  }

  private static StatRow between(long processId, @Nullable Dump before, Dump now) {
    long from = before == null ? now.startNanos() : before.nanos();
    double nanos = Math.max(1, now.nanos() - from);
    return new StatRow(
        processId,
        now,
        more(Counter.OPERATIONS, before, now) * 1e9 / nanos,
        more(Counter.BYTES, before, now) * 1e9 / nanos,
        more(Counter.STALLS, before, now) * 1e9 / nanos,
        Math.min(1, more(Counter.WAITED, before, now) / nanos),
        Math.min(1, more(Counter.PARKED, before, now) / nanos));
  }

  private static double more(Counter counter, @Nullable Dump before, Dump now) {
    return Math.max(0, now.counter(counter) - (before == null ? 0 : before.counter(counter)));
  }

  /// Returns in words what the rank does.
  public String state() {
    Dump.Failure failure = dump.failure();
    if (failure != null) {
      return "FAILED: " + failure.kind();
    }
    Dump.Operation current = dump.current();
    String call = current == null ? "-" : current.call();
    Dump.Wait wait = dump.currentWait();
    // A short wait has ended before anybody has read this line.
    if (wait == null || wait.seenNanos() - wait.sinceNanos() < 10_000_000) {
      return call;
    }
    double seconds = (dump.nanos() - wait.sinceNanos()) / 1e9;
    String whom = wait.peer() < 0 ? "" : " for rank " + wait.peer();
    return String.format(
        java.util.Locale.ROOT,
        "%s: waits%s, %.1f s",
        current == null ? "connecting" : call,
        whom,
        seconds);
  }
}
