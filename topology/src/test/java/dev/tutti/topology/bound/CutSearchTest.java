package dev.tutti.topology.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.topology.Topology;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jgrapht.alg.flow.EdmondsKarpMFImpl;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.SimpleDirectedWeightedGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CutSearchTest {
  // Against every subset of nodes, on small random graphs.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void shouldEqualTheWorstOfAllCuts(int seed) {
    Topology topology = Nets.random(seed);
    GraphReduction reduction = new GraphReduction(topology);
    FlowGraph graph = reduction.graph();

    double[] capacities = capacities(graph);
    CutSearch search =
        new CutSearch(
            graph, new FeedFlow(graph), capacities, graph.equalShares(), graph.rankNodes());
    search.offer(allButTheFirst(graph));
    search.exact();

    double worst = worstOfAllCuts(topology);
    LimitingCut cut = reduction.cut(List.of(search.worst()), search.share());
    assertThat(search.seconds() / reduction.unit()).isCloseTo(worst, within(worst * 1e-6));
    assertThat(cut.secondsPerByte()).isCloseTo(worst, within(worst * 1e-6));
  }

  private static double[] capacities(FlowGraph graph) {
    double[] capacities = new double[graph.links()];
    Arrays.setAll(capacities, graph::capacity);
    return capacities;
  }

  private static boolean[] allButTheFirst(FlowGraph graph) {
    boolean[] side = new boolean[graph.nodes()];
    Arrays.fill(side, true);
    side[graph.rankNodes()[0]] = false;
    return side;
  }

  private static double worstOfAllCuts(Topology topology) {
    List<String> ids = topology.nodes().stream().map(node -> node.id()).toList();
    double worst = 0;
    for (int mask = 1; mask < 1 << ids.size(); mask++) {
      Set<String> inside = new HashSet<>();
      for (int i = 0; i < ids.size(); i++) {
        if ((mask >> i & 1) == 1) {
          inside.add(ids.get(i));
        }
      }
      double ranks = topology.ranks().values().stream().filter(inside::contains).count();
      if (ranks == 0 || ranks == topology.ranks().size()) {
        continue;
      }
      double exit =
          topology.links().stream()
              .filter(link -> inside.contains(link.from()) && !inside.contains(link.to()))
              .mapToDouble(link -> Objects.requireNonNull(link.capacityBytesPerSecond()))
              .sum();
      worst = Math.max(worst, ranks / topology.ranks().size() / exit);
    }
    return worst;
  }

  @ParameterizedTest
  @ValueSource(ints = {21, 22, 23, 24, 25, 26, 27, 28})
  void shouldFlowAsMuchAsAnotherImplementationLetsFlow(int seed) {
    FlowGraph graph = new GraphReduction(Nets.random(seed)).graph();
    double[] capacities = capacities(graph);
    FeedFlow flow = new FeedFlow(graph);

    for (int sink : graph.rankNodes()) {
      double most = flow.run(capacities, graph.equalShares(), sink);

      assertThat(most).isCloseTo(reference(graph, sink), within(1e-9));
      assertThat(cutCapacity(graph, flow.sourceSide())).isCloseTo(most, within(1e-9));
      assertThat(cutCapacity(graph, flow.beforeSink())).isCloseTo(most, within(1e-9));
    }
  }

  private static double cutCapacity(FlowGraph graph, boolean[] side) {
    double sum = 0;
    for (int k = 0; k < graph.links(); k++) {
      sum += side[graph.from(k)] && !side[graph.to(k)] ? graph.capacity(k) : 0;
    }
    for (int i = 0; i < graph.rankNodes().length; i++) {
      sum += side[graph.rankNodes()[i]] ? 0 : graph.equalShares()[i];
    }
    return sum;
  }

  private static double reference(FlowGraph graph, int sink) {
    var copy =
        new SimpleDirectedWeightedGraph<Integer, DefaultWeightedEdge>(DefaultWeightedEdge.class);
    for (int v = -1; v < graph.nodes(); v++) {
      copy.addVertex(v);
    }
    for (int k = 0; k < graph.links(); k++) {
      copy.setEdgeWeight(copy.addEdge(graph.from(k), graph.to(k)), graph.capacity(k));
    }
    for (int i = 0; i < graph.rankNodes().length; i++) {
      copy.setEdgeWeight(copy.addEdge(-1, graph.rankNodes()[i]), graph.equalShares()[i]);
    }
    return new EdmondsKarpMFImpl<>(copy, 1e-12).calculateMinCut(-1, sink);
  }
}
