package dev.tutti.bench.compare;

import dev.tutti.bench.compare.Comparison.Cell;
import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.netlab.LabSpec;
import dev.tutti.bench.report.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What Tutti sets out to reach against its peers, in one place (float32 sum, processes).
///
/// Over shared memory:
///
/// | all-reduce | vs the best peer, tuned | vs Open MPI and MPICH as installed |
/// |---|---|---|
/// | 2 ranks, up to 4 KiB | foreign 1x | foreign 1x |
/// | 2 ranks, 64 KiB to 4 MiB | foreign 1.2x, registered 2x | foreign 2x, registered 3x |
/// | 2 ranks, 16 MiB and more | foreign 1.3x, registered 2x | foreign 3x, registered 5x |
/// | more ranks, every size | foreign 1.5x | foreign 2x |
///
/// Registered, 2 ranks, 8 MiB and more: 85 % of the memory-copy limit. Broadcast, all-gather and
/// reduce-scatter: foreign 1x the best peer from 64 KiB on.
///
/// Over TCP:
///
/// | what | where | target |
/// |---|---|---|
/// | all-reduce, 2 and 4 ranks, 64 KiB to 64 MiB | loopback | foreign 1.2x the best peer |
/// | all-reduce, 2 ranks, up to 4 KiB | loopback | foreign 1x the best peer |
/// | stream of 1 MiB messages | loopback | foreign 0.9x iperf3, whichever congestion control is faster |
/// | all-reduce, 1 to 64 MiB | lab of equal ports | foreign 98 % of the bound |
/// | all-reduce, 1 to 64 MiB | lab of two racks | foreign 92 % of the bound |
public final class Targets {
  private static final double PERCENT_OF_LIMIT = 85;
  private static final double PERCENT_OF_BOUND = 98;
  private static final double PERCENT_OF_BOUND_OF_RACKS = 92;
  private static final double SHARE_OF_IPERF = 0.9;
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  private Targets() {}

  /// Ratios to reach, 0 where there is none.
  private record Ratios(
      double foreignBest, double registeredBest, double foreignDefault, double registeredDefault) {
    static final Ratios NONE = new Ratios(0, 0, 0, 0);
  }

  /// One target and how it was met.
  ///
  /// @param name what is compared
  /// @param wanted what it should be at least
  /// @param reached what it is
  public record Verdict(String name, double wanted, double reached) {
    /// Returns whether the target is met.
    public boolean isReached() {
      return reached >= wanted;
    }

    /// Returns the verdict in words.
    public String describe() {
      return String.format(
          Locale.ROOT,
          "%s %s %s %s",
          name,
          number(reached),
          isReached() ? ">=" : "<",
          number(wanted));
    }

    private static String number(double value) {
      return value >= 10 ? Figures.percent(value) : Figures.bandwidth(value);
    }
  }

  /// Returns the verdicts on one size; targets without figures are left out.
  public static List<Verdict> judge(Comparison comparison, long bytes) {
    return switch (comparison.what().network()) {
      case Network.SharedMemory _ -> overMemory(comparison, bytes);
      case Network.Loopback _ -> overLoopback(comparison, bytes);
      case Network.InLab in -> inLab(comparison, in.lab().spec(), bytes);
    };
  }

  private static List<Verdict> overLoopback(Comparison comparison, long bytes) {
    List<Verdict> verdicts = new ArrayList<>();
    int ranks = comparison.what().ranks();
    Contestant foreign = comparison.own(BufferKind.FOREIGN);
    BenchCollective collective = comparison.what().collective();
    if (collective == BenchCollective.ALL_REDUCE) {
      boolean isLarge = (ranks == 2 || ranks == 4) && bytes >= 64 * KIB && bytes <= 64 * MIB;
      double wanted = isLarge ? 1.2 : ranks == 2 && bytes <= 4 * KIB ? 1 : 0;
      Contestant best = comparison.bestPeer(bytes);
      add(verdicts, comparison, bytes, "foreign/best", wanted, foreign, best);
    }
    if (collective == BenchCollective.SEND_STREAM && bytes == MIB) {
      Contestant iperf = comparison.best(PeerLibrary.IPERF3, bytes);
      add(verdicts, comparison, bytes, "foreign/iperf3", SHARE_OF_IPERF, foreign, iperf);
    }
    return verdicts;
  }

  private static List<Verdict> inLab(Comparison comparison, LabSpec lab, long bytes) {
    Contestant foreign = comparison.own(BufferKind.FOREIGN);
    double percent = foreign == null ? 0 : comparison.percentOfBound(foreign, bytes);
    boolean isJudged =
        percent > 0
            && comparison.what().collective() == BenchCollective.ALL_REDUCE
            && bytes >= MIB
            && bytes <= 64 * MIB
            && lab.rates().stream().distinct().count() == 1;
    if (!isJudged) {
      return List.of();
    }
    double wanted = lab.trunk() == null ? PERCENT_OF_BOUND : PERCENT_OF_BOUND_OF_RACKS;
    return List.of(new Verdict("foreign %bound", wanted, percent));
  }

  private static List<Verdict> overMemory(Comparison comparison, long bytes) {
    Ratios wanted = ratios(comparison.what().collective(), comparison.what().ranks(), bytes);
    List<Verdict> verdicts = new ArrayList<>();
    Contestant foreign = comparison.own(BufferKind.FOREIGN);
    Contestant registered = comparison.own(BufferKind.REGISTERED);
    Contestant best = comparison.bestPeer(bytes);
    add(verdicts, comparison, bytes, "foreign/best", wanted.foreignBest, foreign, best);
    add(verdicts, comparison, bytes, "registered/best", wanted.registeredBest, registered, best);
    for (Contestant peer : comparison.defaultPeers()) {
      String name = peer.library();
      add(verdicts, comparison, bytes, "foreign/" + name, wanted.foreignDefault, foreign, peer);
      add(
          verdicts,
          comparison,
          bytes,
          "registered/" + name,
          wanted.registeredDefault,
          registered,
          peer);
    }
    boolean limited =
        comparison.what().collective() == BenchCollective.ALL_REDUCE
            && comparison.what().ranks() == 2
            && bytes >= 8 * MIB;
    Cell cell = registered == null || !limited ? null : comparison.cell(registered, bytes);
    if (cell != null) {
      verdicts.add(new Verdict("registered %limit", PERCENT_OF_LIMIT, cell.percentOfLimit()));
    }
    return verdicts;
  }

  private static void add(
      List<Verdict> verdicts,
      Comparison comparison,
      long bytes,
      String name,
      double wanted,
      @Nullable Contestant own,
      @Nullable Contestant peer) {
    double ratio = own == null || peer == null ? 0 : comparison.ratio(own, peer, bytes);
    if (wanted > 0 && ratio > 0) {
      verdicts.add(new Verdict(name, wanted, ratio));
    }
  }

  private static Ratios ratios(BenchCollective collective, int ranks, long bytes) {
    return switch (collective) {
      case ALL_REDUCE -> ranks > 2 ? new Ratios(1.5, 0, 2, 0) : allReduceOfTwo(bytes);
      case BROADCAST, ALL_GATHER, REDUCE_SCATTER ->
          bytes >= 64 * KIB ? new Ratios(1, 0, 0, 0) : Ratios.NONE;
      case REDUCE, GATHER, SCATTER, ALL_TO_ALL, ALL_TO_ALL_V, SCAN -> Ratios.NONE;
      case BARRIER, SEND_RECV, SEND_STREAM, PUT, GET, ACCUMULATE, PUT_STREAM -> Ratios.NONE;
    };
  }

  private static Ratios allReduceOfTwo(long bytes) {
    if (bytes <= 4 * KIB) {
      return new Ratios(1, 0, 1, 0);
    }
    if (bytes < 64 * KIB) {
      return Ratios.NONE;
    }
    return bytes < 16 * MIB ? new Ratios(1.2, 2, 2, 3) : new Ratios(1.3, 2, 3, 5);
  }
}
