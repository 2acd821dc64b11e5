package dev.tutti.collectives;

import dev.tutti.collectives.execute.FlowPort;
import dev.tutti.topology.probe.Estimate;
import dev.tutti.topology.probe.Flow;
import dev.tutti.topology.probe.NetworkMap;
import dev.tutti.topology.probe.NetworkTomography;
import dev.tutti.topology.probe.PairProfile;
import dev.tutti.topology.probe.Profile;
import dev.tutti.topology.probe.RailProfile;
import dev.tutti.topology.probe.RankPlace;
import dev.tutti.topology.probe.RoundRobin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Measures what the ranks of a communicator can send each other.
///
/// Inside hosts first, all hosts at once; then one prober of each host for all. Everything measured
/// is gathered by all ranks, and what happens next depends on that alone, so all take the same way.
final class WorldProbe {
  // More probers than this do not meet alone: there would be hundreds of rounds.
  private static final int MOST_ALONE = 8;

  private final Communicator communicator;
  private final CommunicatorCore core;
  private final ProbeEffort effort;
  private final int own;
  private final List<RankPlace> places;
  private final List<List<Integer>> ranksOfHost;
  private final List<Integer> probers;
  private final Map<Flow, List<Double>> latencies = new LinkedHashMap<>(); // by ranks
  private final Map<Flow, List<Double>> together = new LinkedHashMap<>();
  private final Map<Flow, List<Double>> alone = new LinkedHashMap<>();
  private final List<RailProfile> rails = new ArrayList<>();

  private WorldProbe(Communicator communicator, CommunicatorCore core, ProbeEffort effort) {
    this.communicator = communicator;
    this.core = core;
    this.effort = effort;
    this.own = core.index;
    this.places = RankPlaces.gather(communicator, core.world, core.members);
    Map<String, List<Integer>> hosts = new LinkedHashMap<>();
    places.forEach(p -> hosts.computeIfAbsent(p.host(), _ -> new ArrayList<>()).add(p.rank()));
    this.ranksOfHost = List.copyOf(hosts.values());
    this.probers = ranksOfHost.stream().map(List::getFirst).toList();
  }

  /// Measures. Collective over the communicator.
  static Profile run(Communicator communicator, CommunicatorCore core, ProbeEffort effort) {
    long start = System.nanoTime();
    WorldProbe probe = new WorldProbe(communicator, core, effort);
    if (effort.insideNanos() > 0) {
      probe.insideHosts();
    }
    NetworkMap network = probe.betweenHosts();
    double seconds = communicator.size() == 1 ? 0 : (System.nanoTime() - start) * 1e-9;
    return probe.profile(network, ProbeGather.most(communicator, seconds));
  }

  private void insideHosts() {
    HostProbe inside = new HostProbe(communicator, core, effort, ranksOfHost);
    inside.run();
    latencies.putAll(inside.latencies());
    together.putAll(inside.rates());
  }

  private @Nullable NetworkMap betweenHosts() {
    int n = probers.size();
    if (n == 1) {
      return null;
    }
    List<List<Flow>> meetings = new ArrayList<>();
    addMeetings(meetings, probers);
    measureLatencies(meetings);
    NetworkMap map =
        NetworkTomography.explore(
            n, rounds -> measureRates(byRank(rounds), effort.betweenNanos(), together));
    if (effort.aloneNanos() > 0 && n > 2 && n <= MOST_ALONE) {
      List<double[]> _ = measureRates(eachAlone(meetings), effort.aloneNanos(), alone);
    }
    if (effort.aloneNanos() > 0) {
      overEachRail(meetings);
    }
    return map;
  }

  /// Measures what pairs carry over each rail alone, if there are several: one direction after the
  /// other, so that no acknowledgements wait behind the data of a slow port.
  private void overEachRail(List<List<Flow>> meetings) {
    int count = places.stream().mapToInt(place -> place.interfaces().size()).min().orElse(0);
    for (int rail = 0; rail < count && count > 1; rail++) {
      Map<Flow, List<Double>> rates = new LinkedHashMap<>();
      List<double[]> _ = measureRates(eachWay(meetings), effort.betweenNanos(), rates, rail);
      int number = rail;
      rates.forEach((flow, samples) ->
          rails.add(new RailProfile(flow.from(), flow.to(), number, Estimate.of(samples))));
    }
  }

  private static void addMeetings(List<List<Flow>> rounds, List<Integer> ranks) {
    List<List<RoundRobin.Pair>> schedule = RoundRobin.rounds(ranks.size());
    for (int r = 0; r < schedule.size(); r++) {
      if (rounds.size() <= r) {
        rounds.add(new ArrayList<>());
      }
      for (RoundRobin.Pair pair : schedule.get(r)) {
        Flow flow = new Flow(ranks.get(pair.a()), ranks.get(pair.b()));
        rounds.get(r).add(flow);
        rounds.get(r).add(flow.reversed());
      }
    }
  }

  private List<List<Flow>> byRank(List<List<Flow>> rounds) {
    return rounds.stream()
        .map(round ->
            round.stream()
                .map(flow -> new Flow(probers.get(flow.from()), probers.get(flow.to())))
                .toList())
        .toList();
  }

  /// Returns rounds of one pair each.
  private static List<List<Flow>> eachAlone(List<List<Flow>> rounds) {
    List<List<Flow>> result = new ArrayList<>();
    for (List<Flow> round : rounds) {
      for (int pair = 0; pair < round.size(); pair += 2) {
        result.add(round.subList(pair, pair + 2)); // both directions
      }
    }
    return result;
  }

  /// Returns rounds of one direction each.
  private static List<List<Flow>> eachWay(List<List<Flow>> rounds) {
    List<List<Flow>> result = new ArrayList<>();
    for (List<Flow> round : rounds) {
      result.add(round.stream().filter(flow -> flow.from() < flow.to()).toList());
      result.add(round.stream().filter(flow -> flow.from() > flow.to()).toList());
    }
    return result;
  }

  private void measureLatencies(List<List<Flow>> rounds) {
    if (rounds.isEmpty() || effort.pings() == 0) {
      return;
    }
    double[] mine = new double[rounds.size() * effort.pings()];
    for (int r = 0; r < rounds.size(); r++) {
      communicator.barrier();
      int peer = peer(rounds.get(r), true);
      if (peer >= 0) {
        port().pingPong(peer, own < peer, effort.warmUpPings());
        double[] seconds = port().pingPong(peer, own < peer, effort.pings());
        System.arraycopy(seconds, 0, mine, r * effort.pings(), effort.pings());
      }
    }
    double[][] all = ProbeGather.all(communicator, mine);
    for (int r = 0; r < rounds.size(); r++) {
      for (Flow flow : rounds.get(r)) {
        // The one who begins times both ways.
        int first = Math.min(flow.from(), flow.to());
        int begin = r * effort.pings();
        latencies
            .computeIfAbsent(flow, _ -> new ArrayList<>())
            .addAll(Arrays.stream(all[first], begin, begin + effort.pings()).boxed().toList());
      }
    }
  }

  /// Measures rounds; returns the rates of every flow.
  private List<double[]> measureRates(
      List<List<Flow>> rounds, long nanos, Map<Flow, List<Double>> into) {
    return measureRates(rounds, nanos, into, FlowPort.ALL_RAILS);
  }

  private List<double[]> measureRates(
      List<List<Flow>> rounds, long nanos, Map<Flow, List<Double>> into, int rail) {
    double[][] all = ProbeGather.all(communicator, streams(rounds, nanos, rail));
    List<double[]> rates = new ArrayList<>();
    for (int round = 0; round < rounds.size(); round++) {
      List<Flow> flows = rounds.get(round);
      FlowWindow window = FlowWindow.of(flows, round, all, nanos);
      rates.add(flows.stream().mapToDouble(window::rate).toArray());
      flows.forEach(
          flow -> into.computeIfAbsent(flow, _ -> new ArrayList<>()).addAll(window.samples(flow)));
    }
    return rates;
  }

  /// Runs rounds; returns what this rank received in each, as [FlowWindow] reads it.
  private double[] streams(List<List<Flow>> rounds, long nanos, int rail) {
    double[] mine = new double[rounds.size() * FlowWindow.VALUES];
    for (int r = 0; r < rounds.size(); r++) {
      communicator.barrier();
      int to = peer(rounds.get(r), true);
      int from = peer(rounds.get(r), false);
      if (to >= 0 || from >= 0) {
        FlowWindow.write(port().stream(to, from, nanos, rail), mine, r);
      }
    }
    return mine;
  }

  private FlowPort port() {
    return core.flows();
  }

  /// Returns who this rank sends to or receives from in a round, -1 for nobody.
  private int peer(List<Flow> round, boolean sends) {
    for (Flow flow : round) {
      if ((sends ? flow.from() : flow.to()) == own) {
        return sends ? flow.to() : flow.from();
      }
    }
    return -1;
  }

  private Profile profile(@Nullable NetworkMap network, double seconds) {
    List<PairProfile> pairs = new ArrayList<>();
    Set<Flow> flows = new LinkedHashSet<>(latencies.keySet());
    flows.addAll(together.keySet());
    for (Flow flow : flows) {
      pairs.add(
          new PairProfile(
              flow.from(),
              flow.to(),
              estimate(latencies.get(flow)),
              estimate(together.get(flow)),
              estimate(alone.get(flow))));
    }
    return new Profile(
        RankPlaces.fingerprint(places),
        communicator.transport(),
        places,
        probers,
        pairs,
        network,
        rails,
        null,
        seconds);
  }

  private static @Nullable Estimate estimate(@Nullable List<Double> samples) {
    return samples == null || samples.isEmpty() ? null : Estimate.of(samples);
  }
}
