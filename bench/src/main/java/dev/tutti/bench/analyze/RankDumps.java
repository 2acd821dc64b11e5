package dev.tutti.bench.analyze;

import dev.tutti.collectives.record.Dump;
import dev.tutti.collectives.record.Identity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The dumps of one communicator, by rank.
public final class RankDumps {
  private final Identity identity; // of any of them
  private final SortedMap<Integer, Dump> byRank;

  private RankDumps(SortedMap<Integer, Dump> byRank) {
    this.byRank = byRank;
    this.identity = byRank.sequencedValues().getFirst().identity();
  }

  /// Sorts dumps by job and communicator. Of several dumps of one rank the latest counts.
  public static List<RankDumps> group(Collection<Dump> dumps) {
    Map<String, SortedMap<Integer, Dump>> groups = new TreeMap<>();
    for (Dump dump : dumps) {
      Identity identity = dump.identity();
      String key = identity.job() + " " + identity.communicator() + " " + identity.members();
      groups
          .computeIfAbsent(key, _ -> new TreeMap<>())
          .merge(identity.rank(), dump, (a, b) -> a.wallNanos() >= b.wallNanos() ? a : b);
    }
    return groups.values().stream().map(RankDumps::new).toList();
  }

  /// Returns the communicator's name.
  public String communicator() {
    return identity.communicator();
  }

  /// Returns the job's name, empty if it has none.
  public String job() {
    return identity.job();
  }

  /// Returns how the ranks communicate.
  public String transport() {
    return identity.transport();
  }

  /// Returns the number of ranks.
  public int size() {
    return identity.size();
  }

  /// Returns the dumps in the order of their ranks.
  public Collection<Dump> all() {
    return byRank.values();
  }

  @Nullable Dump of(int rank) {
    return byRank.get(rank);
  }

  /// Returns the ranks without a dump.
  List<Integer> missing() {
    return IntStream.range(0, size()).filter(r -> !byRank.containsKey(r)).boxed().toList();
  }

  boolean hasFailed() {
    return byRank.values().stream().anyMatch(dump -> dump.failure() != null);
  }

  /// Returns whether all dumps come from one host, whose ranks share a clock.
  boolean isOneHost() {
    return byRank.values().stream().map(d -> d.identity().hostId()).distinct().count() == 1;
  }

  /// Returns a moment of a rank on a time scale that all ranks share.
  long common(Dump dump, long nanos) {
    return isOneHost() ? nanos : nanos - dump.nanos() + dump.wallNanos();
  }

  /// Names ranks: `rank 2`, `ranks 0, 1`.
  static String ranks(Collection<Integer> ranks) {
    return (ranks.size() == 1 ? "rank " : "ranks ")
        + ranks.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /// Describes an operation: `operation 7 (barrier)`.
  static String describe(Dump.Operation operation) {
    return operation.kind() == Dump.Kind.MESSAGE
        ? operation.call()
        : "operation " + operation.number() + " (" + operation.call() + ")";
  }

  /// Describes a time: `3.20 s`, `15.0 ms`, `20.0 us`.
  public static String time(long nanos) {
    double value = Math.abs(nanos);
    if (value >= 1e9) {
      return String.format(java.util.Locale.ROOT, "%.2f s", nanos / 1e9);
    }
    return value >= 1e6
        ? String.format(java.util.Locale.ROOT, "%.1f ms", nanos / 1e6)
        : String.format(java.util.Locale.ROOT, "%.1f us", nanos / 1e3);
  }

  /// Returns what each rank says about its failure.
  List<String> failures() {
    List<String> lines = new ArrayList<>();
    for (Dump dump : all()) {
      Dump.Failure failure = dump.failure();
      if (failure != null) {
        lines.add(
            "rank "
                + dump.identity().rank()
                + " reports "
                + failure.kind()
                + ": "
                + failure.message());
      }
    }
    return lines;
  }
}
