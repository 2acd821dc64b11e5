package dev.tutti.bench.netlab;

import dev.tutti.bench.measure.BenchCollective;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The shortest time that a collective can take in a lab, whatever the algorithm, counted in bytes
/// of user data.
///
/// With p hosts, ports of b₁ … b_p bytes per second each way, and S bytes per host (ranks of one
/// host share their host's port and count as one):
///
/// | collective | bound |
/// |---|---|
/// | all-reduce | max(S / min b, 2(p−1) S / Σ b), and S / trunk with several racks or pods |
/// | broadcast | S / min b, and S / trunk |
/// | all-gather, reduce-scatter | S (p−1)/p / min b, and S · max(g, p−g)/p / trunk for a rack or pod of g hosts |
///
/// All-reduce: a host must let its S bytes out once and the result in; all hosts together must
/// receive 2(p−1) S bytes (Patarasuk and Yuan, JPDC 2009), which with equal ports is the bound
/// 2(p−1)/p · S / b. The racks' sums must cross the trunk once each way. For 4 hosts of 1 Gbit/s
/// the bound is 79.7 MB/s, with a trunk of 200 Mbit/s 23.9 MB/s.
public final class LabBound {
  private LabBound() {}

  /// Returns the bound in bytes of a collective's size per second; 0 if there is none.
  public static double bytesPerSecond(LabSpec spec, BenchCollective collective) {
    int hosts = spec.hosts();
    double least =
        spec.rates().stream().mapToDouble(BitRate::payloadBytesPerSecond).min().orElseThrow();
    double sum = spec.rates().stream().mapToDouble(BitRate::payloadBytesPerSecond).sum();
    List<Cut> cuts = cuts(spec);
    double trunk = cuts.stream().mapToDouble(Cut::rate).min().orElse(Double.POSITIVE_INFINITY);
    return switch (collective) {
      case ALL_REDUCE -> Math.min(Math.min(least, sum / (2.0 * (hosts - 1))), trunk);
      case BROADCAST -> Math.min(least, trunk);
      case ALL_GATHER, REDUCE_SCATTER ->
          cuts.stream()
              .mapToDouble(cut -> cut.rate * hosts / Math.max(cut.hosts, hosts - cut.hosts))
              .reduce(least * hosts / (hosts - 1), Math::min);
      case SEND_STREAM, PUT_STREAM -> spec.between(0, 1).payloadBytesPerSecond();
      case REDUCE, GATHER, SCATTER, ALL_TO_ALL, ALL_TO_ALL_V, SCAN -> 0;
      case SEND_RECV, BARRIER, PUT, GET, ACCUMULATE -> 0;
    };
  }

  /// A group of hosts and what joins it to the others.
  private record Cut(long hosts, double rate) {}

  private static List<Cut> cuts(LabSpec spec) {
    List<Integer> hostPods = IntStream.range(0, spec.hosts()).mapToObj(spec::podOf).toList();
    List<Cut> cuts = new ArrayList<>();
    addCuts(cuts, spec.racks(), spec.rackCount(), spec.trunk());
    addCuts(cuts, hostPods, spec.podCount(), spec.podTrunk());
    return cuts;
  }

  private static void addCuts(
      List<Cut> cuts, List<Integer> groupOf, int groups, @Nullable BitRate rate) {
    for (int g = 0; rate != null && g < groups; g++) {
      int group = g;
      long hosts = groupOf.stream().filter(each -> each == group).count();
      cuts.add(new Cut(hosts, rate.payloadBytesPerSecond()));
    }
  }
}
