package dev.tutti.topology.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.jgrapht.alg.flow.PushRelabelMFImpl;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.SimpleDirectedWeightedGraph;
import org.junit.jupiter.api.Test;

final class MaxFlowTest {
  @Test
  void shouldAgreeWithAnotherLibrary() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      int vertices = 2 + random.nextInt(10);
      var graph =
          new SimpleDirectedWeightedGraph<Integer, DefaultWeightedEdge>(DefaultWeightedEdge.class);
      MaxFlow flow = new MaxFlow(vertices);
      for (int v = 0; v < vertices; v++) {
        graph.addVertex(v);
      }
      for (int e = 0; e < 3 * vertices; e++) {
        int a = random.nextInt(vertices);
        int b = random.nextInt(vertices);
        int units = random.nextInt(20);
        if (a != b && graph.getEdge(a, b) == null) {
          graph.setEdgeWeight(graph.addEdge(a, b), units);
          flow.add(a, b, units);
        }
      }
      double expected = new PushRelabelMFImpl<>(graph).calculateMaximumFlow(0, vertices - 1);

      long actual = flow.flow(0, vertices - 1, MaxFlow.UNLIMITED);

      assertThat(actual).isEqualTo(Math.round(expected));
      assertThat(flow.isReached(vertices - 1)).isFalse();
      assertThat(flow.flow(0, vertices - 1, 3)).isEqualTo(Math.min(3, actual));
    }
  }

  @Test
  void shouldTellTheSidesOfTheLeastCutAndTheFlowOfEachArc() {
    MaxFlow flow = new MaxFlow(4);
    int first = flow.add(0, 1, 5);
    int narrow = flow.add(1, 2, 2);
    int last = flow.add(2, 3, 5);

    assertThat(flow.flow(0, 3, MaxFlow.UNLIMITED)).isEqualTo(2);

    assertThat(flow.isReached(1)).isTrue();
    assertThat(flow.isReached(2)).isFalse();
    assertThat(flow.flowOn(first)).isEqualTo(2);
    flow.set(narrow, 7);
    assertThat(flow.flow(0, 3, MaxFlow.UNLIMITED)).isEqualTo(5);
    assertThat(flow.flowOn(last)).isEqualTo(5);
  }
}
