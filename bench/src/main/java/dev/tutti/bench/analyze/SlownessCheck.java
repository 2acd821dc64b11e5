package dev.tutti.bench.analyze;

import dev.tutti.collectives.record.Dump;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Nobody is stuck: does one rank, or one link, hold the others up again and again?
final class SlownessCheck {
  /// A rank is late if the others spent this part of their time waiting for it ...
  private static final double LEAST_SHARE = 0.05;

  /// ... or if it enters operations so long after the first ...
  private static final long LEAST_LATENESS_NANOS = 100_000;

  /// ... and in either case is so many times as bad as the next.
  private static final double LEAST_FACTOR = 3;

  private static final int LEAST_OPERATIONS = 3;

  private final RankDumps dumps;

  private SlownessCheck(RankDumps dumps) {
    this.dumps = dumps;
  }

  static List<Finding> of(RankDumps dumps) {
    if (!dumps.missing().isEmpty() || dumps.size() < 2) {
      return List.of();
    }
    SlownessCheck check = new SlownessCheck(dumps);
    List<Finding> findings = new ArrayList<>(check.stragglers());
    findings.addAll(check.slowLinks());
    return findings;
  }

  private List<Finding> stragglers() {
    int size = dumps.size();
    double[] waitedFor = new double[size];
    for (Dump dump : dumps.all()) {
      double life = Math.max(1, dump.nanos() - dump.startNanos());
      for (int p = 0; p < size; p++) {
        waitedFor[p] += dump.peers().get(p).waitedNanos() / life / (size - 1);
      }
    }
    double[] late = lateness();
    int byWaits = worst(waitedFor, LEAST_SHARE);
    int byLateness = worst(late, LEAST_LATENESS_NANOS);
    int rank = byWaits >= 0 ? byWaits : byLateness;
    if (rank < 0) {
      return List.of();
    }
    List<String> evidence = new ArrayList<>();
    if (byWaits == rank) {
      for (Dump dump : dumps.all()) {
        Dump.Peer peer = dump.peers().get(rank);
        if (peer.waits() > 0) {
          evidence.add(
              String.format(
                  Locale.ROOT,
                  "rank %d waited for rank %d %d times, %s in all, %.0f %% of its time",
                  dump.identity().rank(),
                  rank,
                  peer.waits(),
                  RankDumps.time(peer.waitedNanos()),
                  100.0 * peer.waitedNanos() / Math.max(1, dump.nanos() - dump.startNanos())));
        }
      }
    }
    if (byLateness == rank) {
      evidence.add(
          "rank "
              + rank
              + " entered the operations whose times are known "
              + RankDumps.time((long) late[rank])
              + " after the first rank (median)");
    }
    return List.of(
        new Finding(
            Verdict.STRAGGLER,
            List.of(rank),
            -1,
            "rank " + rank + " is a straggler: it enters operations late, and the others wait",
            evidence));
  }

  /// Returns the median time by which each rank enters operations after the first one, 0 where too
  /// few operations have times.
  private double[] lateness() {
    int size = dumps.size();
    Map<Long, long[]> begins = new TreeMap<>();
    for (Dump dump : dumps.all()) {
      for (Dump.Operation operation : dump.operations()) {
        if (operation.kind() == Dump.Kind.COLLECTIVE && operation.beginNanos() != 0) {
          begins.computeIfAbsent(operation.number(), _ -> new long[size])[dump.identity().rank()] =
              dumps.common(dump, operation.beginNanos());
        }
      }
    }
    begins.values().removeIf(times -> Arrays.stream(times).anyMatch(t -> t == 0));
    double[] late = new double[size];
    if (begins.size() >= LEAST_OPERATIONS) {
      for (int r = 0; r < size; r++) {
        int rank = r;
        late[r] =
            median(
                begins.values().stream()
                    .mapToDouble(times -> times[rank] - Arrays.stream(times).min().orElse(0))
                    .toArray());
      }
    }
    return late;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /// Returns the rank whose value stands out, -1 if none does.
  private static int worst(double[] values, double least) {
    int worst = 0;
    for (int r = 1; r < values.length; r++) {
      worst = values[r] > values[worst] ? r : worst;
    }
    double next = 0;
    for (int r = 0; r < values.length; r++) {
      next = r == worst ? next : Math.max(next, values[r]);
    }
    return values[worst] >= least && values[worst] >= LEAST_FACTOR * next ? worst : -1;
  }

  private record Link(int one, int other, double bytesPerSecond) {}

  private List<Finding> slowLinks() {
    List<Link> links = links();
    if (links.size() < 2) {
      return List.of();
    }
    double usual = median(links.stream().mapToDouble(Link::bytesPerSecond).toArray());
    return links.stream()
        .filter(link -> link.bytesPerSecond() * LEAST_FACTOR <= usual)
        .map(link -> slow(link, usual, links.size()))
        .toList();
  }

  /// Returns the best rate of each pair that has one, seen from either side.
  private List<Link> links() {
    List<Link> links = new ArrayList<>();
    for (int one = 0; one < dumps.size(); one++) {
      for (int other = one + 1; other < dumps.size(); other++) {
        double rate = Math.max(rate(one, other), rate(other, one));
        if (rate > 0) {
          links.add(new Link(one, other, rate));
        }
      }
    }
    return links;
  }

  private double rate(int from, int to) {
    Dump dump = dumps.of(from);
    return dump == null ? 0 : dump.peers().get(to).bestBytesPerSecond();
  }

  private static Finding slow(Link link, double usual, int links) {
    return new Finding(
        Verdict.SLOW_LINK,
        List.of(link.one(), link.other()),
        -1,
        String.format(
            Locale.ROOT,
            "the link between ranks %d and %d is slow: %.3g GB/s at best, where %.3g is usual",
            link.one(),
            link.other(),
            link.bytesPerSecond() / 1e9,
            usual / 1e9),
        List.of("the median over " + links + " links with large transfers is the measure"));
  }
}
