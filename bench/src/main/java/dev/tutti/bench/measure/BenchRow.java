package dev.tutti.bench.measure;

import java.util.Locale;

/// One measurement: one operation, size, type, placement and kind of memory in one launch.
///
/// Times are microseconds per operation, bandwidths GB/s (10^9 bytes per second).
///
/// @param collective the operation, in kebab case
/// @param ranks number of ranks
/// @param mode `processes` or `threads`
/// @param bytes size as nccl-tests defines it, 0 for a barrier
/// @param count count as nccl-tests prints it
/// @param type element type, `none` for a barrier
/// @param op reduction operator, `none` where nothing is reduced
/// @param root root rank, -1 where there is none
/// @param placement whether the result went over the input
/// @param kind memory of the buffers
/// @param style how the operation was called
/// @param algorithm the algorithm that ran
/// @param form how it ran
/// @param transport what it ran over
/// @param p50Micros median over operations, each operation's time being that of its slowest rank
/// @param p99Micros 99th percentile of the same
/// @param minMicros smallest of the same
/// @param averageMicros loop time of the slowest rank / iterations (the figure nccl-tests prints)
/// @param limitMicros time that the operation's memory traffic takes at least, 0 if it has none
/// @param wrong wrong elements over all ranks, -1 if not checked
/// @param iterations number of timed operations
/// @param launch number of the launch, from 1; 0 for the medians over launches
/// @param late who came late and by how much, see [LateRanks#words]; empty for nobody
public record BenchRow(
    String collective,
    int ranks,
    RankMode mode,
    long bytes,
    long count,
    String type,
    String op,
    int root,
    Placement placement,
    BufferKind kind,
    CallStyle style,
    String algorithm,
    String form,
    String transport,
    double p50Micros,
    double p99Micros,
    double minMicros,
    double averageMicros,
    double limitMicros,
    long wrong,
    int iterations,
    int launch,
    String late) {

  /// Returns bytes / median time in GB/s.
  public double algorithmBandwidth() {
    return bytes / p50Micros * 1e-3;
  }

  /// Returns the bus bandwidth in GB/s: the algorithm bandwidth times the collective's factor.
  public double busBandwidth() {
    return algorithmBandwidth() * byLabel(collective).busFactor(ranks);
  }

  /// Returns limit / median time in percent, 0 if there is no limit.
  public double percentOfLimit() {
    return 100 * limitMicros / p50Micros;
  }

  /// Returns what a row has in common with the same measurement of another launch.
  public Key key() {
    return new Key(collective, ranks, bytes, type, op, root, placement, kind);
  }

  /// Returns this row as one of another launch.
  public BenchRow withLaunch(int number) {
    return new BenchRow(
        collective,
        ranks,
        mode,
        bytes,
        count,
        type,
        op,
        root,
        placement,
        kind,
        style,
        algorithm,
        form,
        transport,
        p50Micros,
        p99Micros,
        minMicros,
        averageMicros,
        limitMicros,
        wrong,
        iterations,
        number,
        late);
  }

  private static BenchCollective byLabel(String label) {
    return BenchCollective.valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /// Identifies a measurement.
  public record Key(
      String collective,
      int ranks,
      long bytes,
      String type,
      String op,
      int root,
      Placement placement,
      BufferKind kind) {}
}
