package dev.tutti.collectives.plan;

import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import dev.tutti.collectives.schedule.StepKind;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Predicts how long an interpreted schedule takes among several hosts.
///
/// Messages that wait for each other cost α one after the other, of the network or of shared memory
/// ([CriticalPath]); each message that a rank receives costs it a part of α besides, because it has
/// to be handled; the bytes that enter or leave a host share its port, β for each of the busier
/// direction, and more where several hosts send to one, whose flows then get in each other's way
/// (incast); where the border of groups is the bottleneck, it stands idle while the chain of
/// messages goes on inside of them; bytes that stay on the host cost two copies, and each byte that
/// is reduced or copied costs the memory traffic of that. All add up: the model is to rank
/// candidates, not to be exact.
///
/// What does not depend on the size of the vector is remembered for each schedule. Not thread-safe.
final class NetworkCost {
  // What a message costs its receiver, as a part of the time that it is under way.
  private static final double HANDLING = 0.3;
  private static final double COPIES_WITHIN_HOST = 2;
  private static final long UNIT = 1L << 40; // a vector whose chunks are parts of it, precisely
  // How much of its rate a port loses for each further host that sends to it, and at most. Measured
  // with four hosts of 1 Gbit/s: a ring takes 1.02 of the least time possible, direct 1.2 to 1.4.
  private static final double INCAST = 0.1;
  private static final double WORST_INCAST = 0.5;

  private final int[] hostOf;
  private final int[] groupOf;
  private final int hosts;
  private final HostProfile host;
  private final NetworkProfile network;
  // By identity: to compare schedules takes longer than to follow them.
  private final IdentityHashMap<ScheduleSet, Chains> chains = new IdentityHashMap<>();

  /// The longest chains of messages of a schedule.
  ///
  /// @param seconds of empty messages
  /// @param inside of the parts of the vector that go from host to host inside a group
  private record Chains(double seconds, double inside) {}

  /// Makes the model of some hosts and the network between them.
  ///
  /// @param hostOf number of each rank's host
  /// @param groupOf number of each rank's group; where groups are not the hosts, somebody has said
  ///   so because what leaves a group goes over a slower network, which all its ranks share
  NetworkCost(int[] hostOf, int[] groupOf, HostProfile host, NetworkProfile network) {
    this.hostOf = hostOf.clone();
    this.groupOf = groupOf.clone();
    this.hosts = 1 + IntStream.of(hostOf).max().orElse(0);
    this.host = host;
    this.network = network;
  }

  /// Returns the predicted seconds of one operation.
  ///
  /// @param set the schedule; must not be made anew for each size, as the same one is looked up
  /// @param vectorBytes bytes of the full vector
  double seconds(ScheduleSet set, long vectorBytes) {
    double[] in = new double[hosts];
    double[] out = new double[hosts];
    BitSet[] senders = new BitSet[hosts];
    Arrays.setAll(senders, _ -> new BitSet(hosts));
    double longestTurns = 0;
    double mostLocal = 0;
    for (int rank = 0; rank < set.ranks(); rank++) {
      Schedule schedule = set.schedules().get(rank);
      double turns = 0;
      double local = 0;
      for (Lane lane : schedule.lanes()) {
        for (Step step : lane.steps()) {
          double bytes = bytes(set, step, vectorBytes);
          if (step.kind().receives()) {
            boolean near = hostOf[step.receivePeer()] == hostOf[rank];
            turns += HANDLING * (near ? host.alphaSeconds() : network.alphaSeconds());
            if (near) {
              local += COPIES_WITHIN_HOST * bytes;
            } else {
              in[hostOf[rank]] += bytes;
              senders[hostOf[rank]].set(hostOf[step.receivePeer()]);
            }
          }
          local += copies(step.kind()) * bytes;
          if (step.kind().sends() && hostOf[step.sendPeer()] != hostOf[rank]) {
            out[hostOf[rank]] += bytes;
          }
        }
      }
      longestTurns = Math.max(longestTurns, turns);
      mostLocal = Math.max(mostLocal, local);
    }
    double busiest = 0;
    for (int h = 0; h < hosts; h++) {
      double loss = Math.min(WORST_INCAST, INCAST * Math.max(0, senders[h].cardinality() - 1));
      busiest = Math.max(busiest, Math.max(in[h] * (1 + loss), out[h]));
    }
    double border = network.borderRatio() * busiestBorder(set, vectorBytes);
    Chains longest = chains.computeIfAbsent(set, this::chains);
    if (border > busiest) {
      busiest = border + longest.inside() * vectorBytes;
    }
    return longest.seconds()
        + host.ranksPerCore() * (longestTurns + mostLocal * host.copyBetaSeconds())
        + busiest * network.betaSeconds();
  }

  private Chains chains(ScheduleSet set) {
    return new Chains(
        CriticalPath.longest(
            set,
            (from, to, _) ->
                hostOf[from] == hostOf[to] ? host.alphaSeconds() : network.alphaSeconds()),
        CriticalPath.longest(
            set,
            (from, to, step) ->
                groupOf[from] != groupOf[to] || hostOf[from] == hostOf[to]
                    ? 0
                    : bytes(set, step, UNIT) / (double) UNIT));
  }

  /// Returns what a step costs beside what it sends or receives, as copies of its bytes: one reads
  /// a byte and writes one, a reduction reads two.
  private static double copies(StepKind kind) {
    if (kind.reduces()) {
      return 1.5;
    }
    return kind == StepKind.COPY ? 1 : 0;
  }

  /// Returns the most bytes that enter or leave a group, 0 if the groups are the hosts.
  private double busiestBorder(ScheduleSet set, long vectorBytes) {
    if (Arrays.equals(hostOf, groupOf)) {
      return 0;
    }
    Map<Integer, Double> out = new HashMap<>();
    Map<Integer, Double> in = new HashMap<>();
    for (int rank = 0; rank < set.ranks(); rank++) {
      for (Lane lane : set.schedules().get(rank).lanes()) {
        for (Step step : lane.steps()) {
          if (step.kind().sends() && groupOf[step.sendPeer()] != groupOf[rank]) {
            double bytes = bytes(set, step, vectorBytes);
            out.merge(groupOf[rank], bytes, Double::sum);
            in.merge(groupOf[step.sendPeer()], bytes, Double::sum);
          }
        }
      }
    }
    return Stream.of(out, in)
        .flatMap(each -> each.values().stream())
        .mapToDouble(Double::doubleValue)
        .max()
        .orElse(0);
  }

  private static long bytes(ScheduleSet set, Step step, long vectorBytes) {
    int chunk = step.shape().index() % set.partition().chunks();
    return set.partition().length(chunk, Math.max(vectorBytes, 1));
  }
}
