package dev.tutti.bench.analyze;

import dev.tutti.collectives.record.Dump;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Who waits for whom, and who at the end of the chain waits for nobody.
///
/// A rank that waits points at those it waits for. To blame is who is pointed at and points at
/// nobody: because it is not there, because it has not come yet, or because it is in the operation
/// and does not move. Where every chain runs in a circle, the circle is.
final class WaitGraph {
  /// Shorter waits are everyday life unless a communicator has failed.
  private static final long LONG_NANOS = 100_000_000;

  /// The same for connections, which take their time while a job starts.
  private static final long LONG_CONNECT_NANOS = 1_000_000_000;

  private final RankDumps dumps;
  private final SortedMap<Integer, Set<Integer>> awaited = new TreeMap<>();

  private WaitGraph(RankDumps dumps) {
    this.dumps = dumps;
    for (Dump dump : dumps.all()) {
      Set<Integer> peers = awaitedBy(dump);
      if (!peers.isEmpty()) {
        awaited.put(dump.identity().rank(), peers);
      }
    }
  }

  static List<Finding> of(RankDumps dumps) {
    WaitGraph graph = new WaitGraph(dumps);
    List<Finding> findings = new ArrayList<>();
    for (int rank : dumps.missing()) {
      findings.add(graph.missing(rank));
    }
    for (Dump dump : dumps.all()) {
      int rank = dump.identity().rank();
      if (!graph.awaited.containsKey(rank)
          && dump.failure() == null
          && !graph.waitingFor(rank).isEmpty()) {
        findings.add(graph.holdsUp(dump));
      }
    }
    if (findings.isEmpty()) {
      findings.addAll(graph.circles());
    }
    return findings;
  }

  private Set<Integer> awaitedBy(Dump dump) {
    Set<Integer> peers = new LinkedHashSet<>();
    Dump.Wait wait = dump.currentWait();
    long least = dump.current() == null ? LONG_CONNECT_NANOS : LONG_NANOS;
    boolean isLong = wait != null && wait.seenNanos() - wait.sinceNanos() >= least;
    if ((dump.current() == null && wait == null) || (!isLong && !dumps.hasFailed())) {
      return peers;
    }
    if (wait != null && wait.peer() >= 0) {
      peers.add(wait.peer());
    }
    List<Integer> absent = dump.absent();
    if (absent != null) {
      // They are asked one after the other, so the one that is awaited hides those behind it.
      peers.addAll(absent);
    }
    return peers;
  }

  private SortedSet<Integer> waitingFor(int rank) {
    SortedSet<Integer> ranks = new TreeSet<>();
    awaited.forEach((waiting, peers) -> {
      if (peers.contains(rank)) {
        ranks.add(waiting);
      }
    });
    return ranks;
  }

  private Finding missing(int rank) {
    List<String> evidence = new ArrayList<>(waits(rank));
    Pattern name = Pattern.compile("\\brank " + rank + "\\b");
    boolean isNamed = false;
    for (String failure : dumps.failures()) {
      int text = failure.indexOf(": ");
      if (name.matcher(failure.substring(text)).find()) {
        evidence.add(failure);
        isNamed = true;
      }
    }
    String text =
        isNamed || !waitingFor(rank).isEmpty()
            ? "rank " + rank + " is missing: it left no dump, and others wait for it or report it"
            : "rank "
                + rank
                + " left no dump, and no other dump tells why: it may have ended before, or its"
                + " dump was not given";
    return new Finding(Verdict.MISSING, List.of(rank), operationAwaited(rank), text, evidence);
  }

  private Finding holdsUp(Dump dump) {
    int rank = dump.identity().rank();
    Dump.Operation current = dump.current();
    Dump.Operation wanted = wanted(rank);
    String others = RankDumps.ranks(waitingFor(rank));
    List<String> evidence = new ArrayList<>(waits(rank));
    if (current == null) {
      evidence.add(
          "rank "
              + rank
              + " has completed "
              + dump.collectives()
              + " collectives and is in no operation: its program does something else");
      String wait = others + (others.startsWith("ranks") ? " wait" : " waits");
      String what =
          wanted == null
              ? "the operation for which " + wait + " to connect"
              : RankDumps.describe(wanted) + ", in which " + wait;
      return new Finding(
          Verdict.BEHIND,
          List.of(rank),
          operationAwaited(rank),
          "rank " + rank + " is behind: it has not called " + what,
          evidence);
    }
    evidence.add(
        "rank "
            + rank
            + " is in "
            + RankDumps.describe(current)
            + " and waits for nobody: it is stopped, starved of its core, or copies very slowly");
    return new Finding(
        Verdict.STUCK,
        List.of(rank),
        current.number(),
        "rank " + rank + " does not move in " + RankDumps.describe(current),
        evidence);
  }

  private Dump.@Nullable Operation wanted(int rank) {
    for (int waiting : waitingFor(rank)) {
      Dump dump = dumps.of(waiting);
      if (dump != null && dump.current() != null) {
        return dump.current();
      }
    }
    return null;
  }

  private long operationAwaited(int rank) {
    Dump.Operation wanted = wanted(rank);
    return wanted == null ? -1 : wanted.number();
  }

  private List<String> waits(int rank) {
    List<String> lines = new ArrayList<>();
    for (int waiting : waitingFor(rank)) {
      Dump dump = dumps.of(waiting);
      Dump.Operation operation = dump == null ? null : dump.current();
      if (dump == null) {
        continue;
      }
      String where =
          operation == null
              ? " to connect, before collective " + dump.collectives()
              : " in " + RankDumps.describe(operation);
      Dump.Wait wait = dump.currentWait();
      String since =
          wait == null || wait.peer() != rank
              ? ", which it has not entered"
              : " for " + RankDumps.time(wait.seenNanos() - wait.sinceNanos());
      lines.add("rank " + waiting + " waits for rank " + rank + where + since);
    }
    return lines;
  }

  /// Finds ranks that are reached from themselves.
  private List<Finding> circles() {
    SortedSet<Integer> circle = new TreeSet<>();
    for (int rank : awaited.keySet()) {
      if (reaches(rank, rank, new TreeSet<>())) {
        circle.add(rank);
      }
    }
    if (circle.isEmpty()) {
      return List.of();
    }
    List<String> evidence = new ArrayList<>();
    long operation = -1;
    for (int rank : circle) {
      evidence.addAll(waits(rank));
      operation = Math.max(operation, operationAwaited(rank));
    }
    return List.of(
        new Finding(
            Verdict.DEADLOCK,
            List.copyOf(circle),
            operation,
            RankDumps.ranks(circle)
                + " wait for one another: messages that cross, or a link that has lost data",
            evidence));
  }

  private boolean reaches(int from, int target, Set<Integer> seen) {
    for (int peer : awaited.getOrDefault(from, Set.of())) {
      if (peer == target || (seen.add(peer) && reaches(peer, target, seen))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return Map.copyOf(awaited).toString();
  }
}
