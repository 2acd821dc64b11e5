package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.pack.CapacityGraph;
import dev.tutti.topology.pack.CapacityGraph.Edge;
import dev.tutti.topology.pack.PackedTrees;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The schedules of packed trees, proved and run, over networks of random shape.
final class PackedTreesScheduleTest {
  private static final int TREES = 24;

  /// Ranks and a few switches, connected by a ring of cables and more at random.
  static CapacityGraph drawn(int ranks, SplittableRandom random) {
    int switches = random.nextInt(3);
    int all = ranks + switches;
    List<Edge> edges = new ArrayList<>();
    for (int i = 0; i < all + random.nextInt(2 * all); i++) {
      int a = i < all ? i : random.nextInt(all);
      int b = i < all ? (i + 1) % all : random.nextInt(all);
      double rate = 1 + random.nextInt(8);
      if (a != b) {
        edges.add(new Edge(a, b, rate));
        edges.add(new Edge(b, a, random.nextInt(4) > 0 ? rate : 1 + random.nextInt(8)));
      }
    }
    return new CapacityGraph(ranks, switches, edges);
  }

  /// Ranks in a full mesh whose links are unequally fast in the two directions.
  static CapacityGraph lopsided(int ranks, SplittableRandom random) {
    List<Edge> edges = new ArrayList<>();
    for (int a = 0; a < ranks; a++) {
      for (int b = 0; b < ranks; b++) {
        if (a != b) {
          edges.add(new Edge(a, b, 1 + random.nextInt(8)));
        }
      }
    }
    return new CapacityGraph(ranks, 0, edges);
  }

  @Test
  void shouldBeProvedAndRightOnNetworksOfRandomShape() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 15; i++) {
      int ranks = 2 + random.nextInt(8);
      CapacityGraph graph = i % 3 == 0 ? lopsided(ranks, random) : drawn(ranks, random);
      int pieces = 1 + random.nextInt(3);
      String what = "network " + i + ", " + ranks + " ranks, " + graph.edges();
      int root = random.nextInt(ranks);
      List<ScheduleSet> sets =
          List.of(
              PackedTreesAllReduce.scheduleSet(
                  PackedTrees.forAllReduce(graph, TREES), pieces, i % 2 == 0 ? 64 : 1),
              PackedTreesAllGather.scheduleSet(PackedTrees.forAllGather(graph, TREES), pieces),
              PackedTreesReduceScatter.scheduleSet(
                  PackedTrees.forReduceScatter(graph, TREES), pieces),
              PackedTreesBroadcast.scheduleSet(
                  PackedTrees.forBroadcast(graph, root, TREES), pieces));

      for (ScheduleSet set : sets) {
        ScheduleProof.prove(set, what);
        ScheduleProof.run(set, what, 0, 1, 53);
      }
    }
  }

  /// Without switches the way of every message is known, so the schedule itself tells the time.
  @Test
  void shouldLoadTheLinksOfAMeshAsTheTreesSay() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 6; i++) {
      CapacityGraph graph = lopsided(3 + i, random);
      PackedTrees reduce = PackedTrees.forAllReduce(graph, 1000);
      PackedTrees gather = PackedTrees.forAllGather(graph, 1000);

      double[][] reduced = ScheduleProof.traffic(PackedTreesAllReduce.scheduleSet(reduce, 1, 64));
      double[][] gathered = ScheduleProof.traffic(PackedTreesAllGather.scheduleSet(gather, 1));

      assertThat(busiest(graph, reduced))
          .isCloseTo(reduce.secondsPerByte(), withPercentage(0.1))
          .isCloseTo(reduce.boundSecondsPerByte(), withPercentage(1));
      assertThat(busiest(graph, gathered))
          .isCloseTo(gather.secondsPerByte(), withPercentage(0.1))
          .isCloseTo(gather.boundSecondsPerByte(), withPercentage(1));
    }
  }

  private static double busiest(CapacityGraph graph, double[][] traffic) {
    return graph.edges().stream()
        .mapToDouble(edge -> traffic[edge.from()][edge.to()] / edge.rate())
        .max()
        .orElseThrow();
  }
}
