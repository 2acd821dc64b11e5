package dev.tutti.collectives;

import dev.tutti.topology.probe.Flow;
import dev.tutti.topology.probe.RoundRobin;
import java.util.ArrayList;
import java.util.List;

/// Which pairs of ranks of one host measure at once, and who comes next.
///
/// A pair keeps two cores busy. Pairs that share cores with others would measure the scheduler, so
/// as many pairs of a round meet at once as the host has cores for, at least one.
final class HostTurns {
  private HostTurns() {}

  /// Disjoint pairs that measure at once.
  ///
  /// @param round number of the round robin's round that they are taken from: a rank measures once
  ///   in each
  /// @param flows both directions of each pair, the one after the other, by ranks
  record Turn(int round, List<Flow> flows) {
    /// Returns whom a rank measures with, -1 for nobody.
    int peerOf(int rank) {
      for (Flow flow : flows) {
        if (flow.from() == rank) {
          return flow.to();
        }
      }
      return -1;
    }
  }

  /// Returns the turns in which all ranks of a host meet, in their order.
  ///
  /// @param ranks the ranks of the host
  /// @param cores how many of them can run at once, at least 1
  static List<Turn> of(List<Integer> ranks, int cores) {
    int pairsAtOnce = Math.max(1, cores / 2);
    List<Turn> turns = new ArrayList<>();
    List<List<RoundRobin.Pair>> rounds = RoundRobin.rounds(ranks.size());
    for (int round = 0; round < rounds.size(); round++) {
      List<RoundRobin.Pair> pairs = rounds.get(round);
      for (int first = 0; first < pairs.size(); first += pairsAtOnce) {
        List<Flow> flows = new ArrayList<>();
        for (RoundRobin.Pair pair :
            pairs.subList(first, Math.min(first + pairsAtOnce, pairs.size()))) {
          Flow flow = new Flow(ranks.get(pair.a()), ranks.get(pair.b()));
          flows.add(flow);
          flows.add(flow.reversed());
        }
        turns.add(new Turn(round, flows));
      }
    }
    return turns;
  }
}
