package dev.tutti.bench.validate;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.IsolatedTimes;
import dev.tutti.bench.measure.IsolatedTimes.Cell;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.topology.probe.MessageCosts;
import dev.tutti.topology.probe.NetworkMap;
import dev.tutti.topology.probe.ProbeDepth;
import dev.tutti.topology.probe.Profile;
import java.util.ArrayList;
import java.util.List;

/// A profile and what operations took, of one world.
public record MeasuredTimes(Profile profile, List<MeasuredRow> rows) {
  private static final long MOST_PAUSE_NANOS = 100_000_000;
  private static final List<BenchCollective> USUAL =
      List.of(
          BenchCollective.ALL_REDUCE,
          BenchCollective.ALL_GATHER,
          BenchCollective.REDUCE_SCATTER,
          BenchCollective.BROADCAST,
          BenchCollective.ALL_TO_ALL);

  /// Copies.
  public MeasuredTimes {
    rows = List.copyOf(rows);
  }

  /// Probes and measures. Collective.
  ///
  /// @param collectives none for the usual ones
  /// @param algorithms none for all that support a collective
  public static MeasuredTimes of(
      Communicator world,
      List<BenchCollective> collectives,
      List<String> algorithms,
      List<Long> bytes) {
    List<Cell> cells = new ArrayList<>();
    for (BenchCollective collective : collectives.isEmpty() ? USUAL : collectives) {
      List<String> names = algorithms.isEmpty() ? supporting(collective, world.size()) : algorithms;
      for (String name : names) {
        bytes.forEach(size -> cells.add(new Cell(collective, name, size)));
      }
    }
    Profile profile = world.probe(ProbeDepth.DEEP);
    List<MeasuredRow> rows =
        new IsolatedTimes(world, pauseNanos(profile))
            .run(cells).stream().map(MeasuredRow::of).toList();
    return new MeasuredTimes(profile, rows);
  }

  /// Returns how long links need at most to save up what they can.
  private static long pauseNanos(Profile profile) {
    NetworkMap network = profile.network();
    MessageCosts messages = profile.messages();
    if (network == null || messages == null || messages.burstBytes() <= 0) {
      return 0;
    }
    double slowest =
        network.outBytesPerSecond().stream().mapToDouble(Double::doubleValue).min().orElse(0);
    return slowest <= 0
        ? 0
        : Math.min(MOST_PAUSE_NANOS, (long) (1e9 * messages.burstBytes() / slowest));
  }

  private static List<String> supporting(BenchCollective collective, int ranks) {
    List<String> names = new ArrayList<>();
    Collective kind = Collective.named(collective.label());
    if (kind != null) {
      Algorithms.supporting(kind, ranks).forEach(algorithm -> names.add(algorithm.name()));
    }
    if (kind == Collective.ALL_REDUCE) {
      names.add(HierarchicalAllReduce.NAME);
    }
    return names;
  }
}
