package dev.tutti.collectives;

import dev.tutti.collectives.plan.NetworkProfile;
import dev.tutti.collectives.plan.Planner;
import dev.tutti.topology.probe.MeasuredTopology;
import dev.tutti.topology.probe.NetworkGroup;
import dev.tutti.topology.probe.NetworkMap;
import dev.tutti.topology.probe.Profile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Looks, when a world forms, for groups of hosts that share what is slower than their ports, so
/// that hierarchical plans need not be told of racks.
///
/// Groups count only if what joins one of them to the others carries clearly less than its ports;
/// otherwise there is nothing to gain, and the measurement may have been disturbed.
final class JoinGroups {
  // Two groups of one host each are no groups, and of three hosts one is alone.
  private static final int LEAST_HOSTS = 4;
  // Beyond, the rounds take too long for a join.
  private static final int MOST_HOSTS = 16;
  private static final double CLEARLY = 1.5;

  private JoinGroups() {}

  /// Measures, if that is wanted, and tells planner and world. Collective.
  static void find(Communicator communicator, CommunicatorCore core) {
    WorldContext world = core.world;
    if (!world.config().probes() || world.config().groups().length > 0) {
      return;
    }
    // Ranks of one host that talk over TCP measure its cores, not a network.
    long hosts = IntStream.of(core.members).map(world::hostOf).distinct().count();
    long apart = IntStream.of(world.hostOf(core.members)).distinct().count();
    if (hosts < LEAST_HOSTS || hosts > MOST_HOSTS || apart != hosts) {
      return;
    }
    Profile profile = WorldProbe.run(communicator, core, ProbeEffort.JOIN);
    NetworkMap network = profile.network();
    double ratio = network == null ? 0 : borderRatio(network);
    boolean uneven = network != null && (ratio > 0 || hasSlowPort(network));
    if (uneven && core.size == hosts) {
      core.planner().measured(MeasuredTopology.of(profile));
    }
    if (network == null || ratio == 0) {
      return;
    }
    Planner planner = core.planner();
    double port = median(network.outBytesPerSecond());
    planner.network(new NetworkProfile(planner.network().alphaSeconds(), 1 / port, ratio));
    planner.groups(profile.groupOf());
    world.measured(profile.groupOf());
  }

  /// Returns whether a port is clearly slower than most.
  private static boolean hasSlowPort(NetworkMap network) {
    return Stream.of(network.outBytesPerSecond(), network.inBytesPerSecond())
        .anyMatch(ports -> median(ports) >= CLEARLY * Collections.min(ports));
  }

  /// Returns what a port carries over what joins the most crowded group to the others; 0 if nothing
  /// is less than its members' ports together.
  private static double borderRatio(NetworkMap network) {
    double ratio = 0;
    double port = median(network.outBytesPerSecond());
    for (NetworkGroup group : network.root().leaves()) {
      double members = group.members().size();
      for (Double uplink : uplinks(group)) {
        if (uplink != null && uplink > 0 && members * port / uplink >= CLEARLY) {
          ratio = Math.max(ratio, port / uplink);
        }
      }
    }
    return ratio;
  }

  private static List<@Nullable Double> uplinks(NetworkGroup group) {
    List<@Nullable Double> both = new ArrayList<>();
    both.add(group.upBytesPerSecond());
    both.add(group.downBytesPerSecond());
    return both;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
