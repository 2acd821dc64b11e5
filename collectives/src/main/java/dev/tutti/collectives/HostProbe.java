package dev.tutti.collectives;

import dev.tutti.collectives.HostTurns.Turn;
import dev.tutti.collectives.execute.FlowPort;
import dev.tutti.topology.probe.Estimate;
import dev.tutti.topology.probe.Flow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Measures what the ranks of each host can send each other, all hosts at once.
///
/// Turns go by the clock, which ranks of a host share: whoever sleeps until its turn is woken by
/// nobody, and a turn needs no agreement. The pair's first messages to and fro find out whether
/// both are there. One that comes late disturbs the next, so a short measurement makes two passes,
/// of which the better one counts.
final class HostProbe {
  // Shorter flows say more about the scheduler than about memory; longer ones say nothing more.
  private static final long LEAST_FLOW_NANOS = 1_000_000;
  private static final long MOST_FLOW_NANOS = 120_000_000;

  // What a turn may last beyond its flows: to wake up, to drain, and for messages to and fro.
  private static final long WAKE_NANOS = 300_000;
  private static final long PING_NANOS = 8_000;
  private static final double DRAIN = 0.15;

  // Clocks of one host differ by no more than this between ranks that have just heard of each
  // other, unless they are not the same clock.
  private static final double SAME_CLOCK_NANOS = 1e9;

  private static final double NARROW = 0.05;

  private final Communicator communicator;
  private final CommunicatorCore core;
  private final ProbeEffort effort;
  private final int own;
  private final List<List<Integer>> ranksOfHost;
  private final Map<Flow, List<Double>> latencies = new LinkedHashMap<>(); // by ranks
  private final Map<Flow, List<Double>> rates = new LinkedHashMap<>();

  /// Makes a probe.
  ///
  /// @param ranksOfHost the ranks of each host
  HostProbe(
      Communicator communicator,
      CommunicatorCore core,
      ProbeEffort effort,
      List<List<Integer>> ranksOfHost) {
    this.communicator = communicator;
    this.core = core;
    this.effort = effort;
    this.own = core.index;
    this.ranksOfHost = ranksOfHost;
  }

  /// Returns the latencies of every pair in seconds.
  Map<Flow, List<Double>> latencies() {
    return latencies;
  }

  /// Returns the rates of every pair in bytes/s.
  Map<Flow, List<Double>> rates() {
    return rates;
  }

  /// Measures. Collective; afterwards all ranks know the same.
  void run() {
    if (ranksOfHost.stream().allMatch(ranks -> ranks.size() == 1)) {
      return;
    }
    // By host, the turns that are still to come; null before the first time: all.
    List<List<Turn>> open = null;
    for (int repeat = 0; repeat < effort.repeats(); repeat++) {
      Start start = agreeOnStart();
      open = open == null ? turns(start) : open;
      if (open.stream().allMatch(List::isEmpty)) {
        break;
      }
      open = run(open, start.nanos(), repeat == 0 ? effort.pings() : 0);
    }
  }

  /// Returns the turns of each host.
  private List<List<Turn>> turns(Start start) {
    List<List<Turn>> turns = new ArrayList<>();
    for (List<Integer> ranks : ranksOfHost) {
      double least = ranks.stream().mapToDouble(rank -> start.cores()[rank]).min().orElse(1);
      turns.add(HostTurns.of(ranks, (int) least));
    }
    return turns;
  }

  /// What ranks tell each other before the first turn.
  ///
  /// @param nanos when it begins on this host, as [System#nanoTime]
  /// @param cores how many each rank may use
  private record Start(long nanos, double[] cores) {}

  private Start agreeOnStart() {
    long now = System.nanoTime();
    double[] mine = {now, core.world.host().cores()};
    double[][] all = ProbeGather.all(communicator, mine);
    List<Integer> ranks = ranksOfHost.get(hostOf(own));
    double latest = ranks.stream().mapToDouble(rank -> all[rank][0]).max().orElse(now);
    boolean same = ranks.stream().allMatch(r -> latest - all[r][0] < SAME_CLOCK_NANOS);
    return new Start(
        (same ? (long) latest : now) + WAKE_NANOS,
        Arrays.stream(all).mapToDouble(told -> told[1]).toArray());
  }

  /// Runs turns of every host; returns those whose rates are uncertain.
  private List<List<Turn>> run(List<List<Turn>> open, long start, int pings) {
    int rounds = open.stream().flatMap(List::stream).mapToInt(Turn::round).max().orElse(0) + 1;
    int most = open.stream().mapToInt(List::size).max().orElse(1);
    long nanos =
        Math.clamp(
            effort.insideNanos() / most / effort.passes(), LEAST_FLOW_NANOS, MOST_FLOW_NANOS);
    Told mine = Told.of(effort.passes(), rounds, pings);
    takeTurns(open.get(hostOf(own)), start, nanos, mine);
    Told[] told = mine.gather(communicator);
    List<List<Turn>> again = new ArrayList<>();
    for (List<Turn> turns : open) {
      turns.forEach(turn -> readLatencies(turn, told));
      again.add(turns.stream().filter(turn -> !readRates(turn, told, nanos)).toList());
    }
    return again;
  }

  private int hostOf(int rank) {
    int host = 0;
    while (!ranksOfHost.get(host).contains(rank)) {
      host++;
    }
    return host;
  }

  private void takeTurns(List<Turn> turns, long start, long nanos, Told mine) {
    int warmUp = mine.pings == 0 ? 1 : effort.warmUpPings(); // one: to meet
    long each = (long) (nanos * (1 + DRAIN)) + WAKE_NANOS + 2 * PING_NANOS * (warmUp + mine.pings);
    long next = start;
    for (int pass = 0; pass < mine.passes; pass++) {
      for (Turn turn : turns) {
        int peer = turn.peerOf(own);
        if (peer >= 0) {
          sleepUntil(next);
          double[] _ = port().pingPong(peer, own < peer, warmUp);
          double[] seconds = port().pingPong(peer, own < peer, mine.pings);
          mine.write(pass, turn.round(), seconds, port().stream(peer, peer, nanos));
        }
        next += each;
      }
    }
    sleepUntil(next); // whoever is through early would disturb the others
  }

  private static void sleepUntil(long time) {
    for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private FlowPort port() {
    return core.flows();
  }

  /// Adds the latencies of a turn, of the pass in which the pair had to wait for cores least.
  private void readLatencies(Turn turn, Told[] told) {
    for (Flow flow : turn.flows()) {
      Told beginner = told[Math.min(flow.from(), flow.to())]; // who times both ways
      if (beginner.pings == 0) {
        continue;
      }
      double[] best = beginner.seconds(0, turn.round());
      for (int pass = 1; pass < beginner.passes; pass++) {
        double[] other = beginner.seconds(pass, turn.round());
        best = Estimate.of(other).median() < Estimate.of(best).median() ? other : best;
      }
      latencies
          .computeIfAbsent(flow, _ -> new ArrayList<>())
          .addAll(Arrays.stream(best).boxed().toList());
    }
  }

  /// Adds what the flows of a turn carried, each in its best pass; returns whether all that is
  /// certain now.
  private boolean readRates(Turn turn, Told[] told, long nanos) {
    double[][] windows = Arrays.stream(told).map(each -> each.windows).toArray(double[][]::new);
    boolean narrow = true;
    for (Flow flow : turn.flows()) {
      List<Double> best = List.of();
      double highest = -1;
      for (int pass = 0; pass < told[own].passes; pass++) {
        int index = pass * told[own].rounds + turn.round();
        FlowWindow window = FlowWindow.of(turn.flows(), index, windows, nanos);
        double rate = window.rate(flow);
        if (rate > highest) {
          highest = rate;
          best = window.samples(flow);
        }
      }
      List<Double> samples = rates.computeIfAbsent(flow, _ -> new ArrayList<>());
      samples.addAll(best);
      narrow &= Estimate.of(samples).relativeError() < NARROW;
    }
    return narrow;
  }

  /// What a rank tells of its turns, by pass and round: the times of its messages to and fro, and
  /// what it received when.
  private static final class Told {
    private final int passes;
    private final int rounds;
    private final int pings;
    private final double[] seconds;
    private final double[] windows;

    private Told(int passes, int rounds, int pings, double[] seconds, double[] windows) {
      this.passes = passes;
      this.rounds = rounds;
      this.pings = pings;
      this.seconds = seconds;
      this.windows = windows;
    }

    static Told of(int passes, int rounds, int pings) {
      int turns = passes * rounds;
      return new Told(
          passes, rounds, pings, new double[turns * pings], new double[turns * FlowWindow.VALUES]);
    }

    void write(int pass, int round, double[] times, FlowPort.Reading reading) {
      int index = pass * rounds + round;
      System.arraycopy(times, 0, seconds, index * pings, pings);
      FlowWindow.write(reading, windows, index);
    }

    double[] seconds(int pass, int round) {
      int index = pass * rounds + round;
      return Arrays.copyOfRange(seconds, index * pings, (index + 1) * pings);
    }

    /// Returns what every rank tells, by rank. Collective.
    Told[] gather(Communicator communicator) {
      double[] values = Arrays.copyOf(seconds, seconds.length + windows.length);
      System.arraycopy(windows, 0, values, seconds.length, windows.length);
      return Arrays.stream(ProbeGather.all(communicator, values))
          .map(all ->
              new Told(
                  passes,
                  rounds,
                  pings,
                  Arrays.copyOf(all, seconds.length),
                  Arrays.copyOfRange(all, seconds.length, all.length)))
          .toArray(Told[]::new);
    }
  }
}
