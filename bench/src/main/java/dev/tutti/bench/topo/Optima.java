package dev.tutti.bench.topo;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.Movement;
import dev.tutti.topology.bound.Optimum;
import org.jspecify.annotations.Nullable;

/// The optimum of each collective of which it is known how to compute it.
public final class Optima {
  private Optima() {}

  /// Returns the optimum of a collective over all ranks of a topology, null if nobody knows it.
  ///
  /// @param root of a rooted collective
  public static @Nullable Optimum of(Topology topology, Collective collective, int root) {
    return switch (collective) {
      case ALL_GATHER -> Optimum.of(topology, Movement.ALL_GATHER);
      case REDUCE_SCATTER -> Optimum.of(topology, Movement.REDUCE_SCATTER);
      case ALL_REDUCE -> Optimum.of(topology, Movement.ALL_REDUCE);
      case BROADCAST -> Optimum.of(topology, Movement.BROADCAST, root);
      case REDUCE -> Optimum.of(topology, Movement.REDUCE, root);
      default -> null;
    };
  }
}
