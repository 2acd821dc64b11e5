package dev.tutti.topology.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.Movement;
import dev.tutti.topology.bound.Optimum;
import dev.tutti.topology.pack.CapacityGraph.Edge;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PackedTreesTest {
  private static CapacityGraph star(double... rates) {
    List<Edge> edges = new ArrayList<>();
    for (int r = 0; r < rates.length; r++) {
      edges.add(new Edge(r, rates.length, rates[r]));
      edges.add(new Edge(rates.length, r, rates[r]));
    }
    return new CapacityGraph(rates.length, 1, edges);
  }

  private static CapacityGraph mesh(int ranks, double rate, int... missing) {
    List<Edge> edges = new ArrayList<>();
    for (int a = 0; a < ranks; a++) {
      for (int b = 0; b < ranks; b++) {
        boolean cut = false;
        for (int i = 0; i < missing.length; i += 2) {
          cut |= a + b == missing[i] + missing[i + 1] && a * b == missing[i] * missing[i + 1];
        }
        if (a != b && !cut) {
          edges.add(new Edge(a, b, rate));
        }
      }
    }
    return new CapacityGraph(ranks, 0, edges);
  }

  private static CapacityGraph islands(
      int hosts, int each, double inside, IntToDoubleFunction nic) {
    List<Edge> edges = new ArrayList<>();
    int ranks = hosts * each;
    for (int rank = 0; rank < ranks; rank++) {
      int inner = ranks + rank / each;
      int core = ranks + hosts;
      edges.add(new Edge(rank, inner, inside));
      edges.add(new Edge(inner, rank, inside));
      edges.add(new Edge(rank, core, nic.applyAsDouble(rank)));
      edges.add(new Edge(core, rank, nic.applyAsDouble(rank)));
    }
    return new CapacityGraph(ranks, hosts + 1, edges);
  }

  /// Graphs, with the rate of the best all-reduce and twice the best all-gather, as found by an
  /// independent program that writes the whole linear program down.
  static Stream<Arguments> known() {
    return Stream.of(
        Arguments.of("star", star(1, 1, 1, 1, 1, 1, 1, 1), 1 / 1.75, 1 / 1.75),
        Arguments.of("star .875", star(1, 1, 1, 1, 1, 1, 1, .875), 1 / 1.778, 1 / 2.0),
        Arguments.of("star .5", star(1, 1, 1, 1, 1, 1, 1, .5), 1 / 2.0, 1 / 3.5),
        Arguments.of("star 4x.5", star(1, 1, 1, 1, .5, .5, .5, .5), 1 / 2.3334, 1 / 3.5),
        Arguments.of("star 442211", star(4, 4, 2, 2, 1, 1), 1.0, 1 / 1.6667),
        Arguments.of("mesh8", mesh(8, 28), 112, 112),
        Arguments.of("mesh8 -01", mesh(8, 28, 0, 1), 108, 96),
        Arguments.of("mesh8 -01-23", mesh(8, 28, 0, 1, 2, 3), 104, 96),
        Arguments.of("mesh8 -01-02", mesh(8, 28, 0, 1, 0, 2), 104, 80),
        Arguments.of("2x8", islands(2, 8, 160, _ -> 50), 112, 112),
        Arguments.of("2x8 slow", islands(2, 8, 160, r -> r == 0 ? 25 : 50), 111.2, 98.66),
        Arguments.of("2x8 dead", islands(2, 8, 160, r -> r == 0 ? .001 : 50), 110.3, 85.33),
        Arguments.of("4x2", islands(4, 2, 10, _ -> 25), 20, 20));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("known")
  void shouldReachTheOptimum(
      String name, CapacityGraph graph, double allReduce, double allGatherTwice) {
    PackedTrees gather = PackedTrees.forAllGather(graph, 64);
    PackedTrees scatter = PackedTrees.forReduceScatter(graph, 64);
    PackedTrees reduce = PackedTrees.forAllReduce(graph, 64);

    for (PackedTrees half : List.of(gather, scatter)) {
      assertThat(0.5 / half.boundSecondsPerByte()).isCloseTo(allGatherTwice, withPercentage(0.1));
      assertThat(0.5 / half.secondsPerByte()).isGreaterThan(0.995 * allGatherTwice);
    }
    assertThat(1 / reduce.boundSecondsPerByte()).isCloseTo(allReduce, withPercentage(0.1));
    assertThat(1 / reduce.secondsPerByte()).isGreaterThan(0.995 * allReduce);
    Stream.of(gather, scatter, reduce).forEach(packed -> checkTrees(graph, packed));
  }

  private static void checkTrees(CapacityGraph graph, PackedTrees packed) {
    assertThat(packed.trees()).hasSizeLessThanOrEqualTo(64);
    for (PackedTrees.Tree tree : packed.trees()) {
      assertThat(tree.weight()).isPositive();
      for (int[] parents : List.of(tree.up(), tree.down())) {
        for (int rank = 0; rank < parents.length; rank++) {
          int hops = 0;
          int at = rank;
          while (at != tree.root() && hops++ < graph.ranks()) {
            at = parents[at];
          }
          assertThat(at).as("the root above rank %d", rank).isEqualTo(tree.root());
        }
      }
    }
    for (int e = 0; e < packed.load().length; e++) {
      double seconds = packed.load()[e] / graph.edges().get(e).rate();
      assertThat(seconds).isLessThanOrEqualTo(packed.secondsPerByte() * (1 + 1e-9));
    }
  }

  /// Ranks and switches, cables and one-way links, joined at random.
  private static CapacityGraph drawn(SplittableRandom random) {
    int ranks = 2 + random.nextInt(8);
    int all = ranks + random.nextInt(5);
    List<Edge> edges = new ArrayList<>();
    boolean cables = random.nextBoolean();
    int[] order = IntStream.range(0, all).map(i -> (i * 7 + 3) % all).toArray();
    boolean isOrder = IntStream.of(order).distinct().count() == all;
    for (int i = 0; i < all + random.nextInt(3 * all); i++) {
      int a = i < all ? (isOrder ? order[i] : i) : random.nextInt(all);
      int b = i < all ? (isOrder ? order[(i + 1) % all] : (i + 1) % all) : random.nextInt(all);
      double rate = random.nextDouble(0.5, 5);
      if (a != b) {
        edges.add(new Edge(a, b, rate));
        if (cables || random.nextBoolean()) {
          edges.add(new Edge(b, a, cables ? rate : random.nextDouble(0.5, 5)));
        }
      }
    }
    return new CapacityGraph(ranks, all - ranks, edges);
  }

  @Test
  void shouldReachTheBoundOnNetworksOfRandomShape() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 15; i++) {
      CapacityGraph graph = drawn(random);
      int root = random.nextInt(graph.ranks());
      List<PackedTrees> all =
          List.of(
              PackedTrees.forAllGather(graph, 1000),
              PackedTrees.forReduceScatter(graph, 1000),
              PackedTrees.forBroadcast(graph, root, 1000),
              PackedTrees.forAllReduce(graph, 1000));
      for (PackedTrees packed : all) {
        assertThat(packed.boundSecondsPerByte() / packed.secondsPerByte())
            .as("network %d: %s", i, graph.edges())
            .isBetween(0.99, 1.000001);
      }
    }
  }

  @Test
  void shouldLoseLittleWithFewTrees() {
    CapacityGraph graph = islands(2, 8, 160, r -> r == 0 ? 25 : 50);

    PackedTrees few = PackedTrees.forAllReduce(graph, 16);

    assertThat(few.trees()).hasSizeLessThanOrEqualTo(16);
    assertThat(few.boundSecondsPerByte() / few.secondsPerByte()).isGreaterThan(0.8);
  }

  @Test
  void shouldBroadcastAsFastAsTheSlowestRankCanReceive() {
    CapacityGraph graph = star(1, 1, 1, 0.5);

    PackedTrees packed = PackedTrees.forBroadcast(graph, 1, 64);

    assertThat(packed.secondsPerByte()).isCloseTo(2, withPercentage(0.1));
  }

  @Test
  void shouldReadATopology() {
    Topology topology = Presets.byName("hgx-h100").make(new PresetOptions(1, 0, 1, 0));

    CapacityGraph graph = CapacityGraph.of(topology);

    assertThat(graph.ranks()).isEqualTo(8);
    assertThat(graph.isSymmetric()).isTrue();
    PackedTrees packed = PackedTrees.forAllGather(graph, 64);
    Optimum optimum = Optimum.of(topology, Movement.ALL_GATHER);
    assertThat(packed.secondsPerByte()).isCloseTo(optimum.seconds(1), withPercentage(0.1));
  }

  @Test
  void shouldRefuseNonsense() {
    assertThatThrownBy(() -> new CapacityGraph(1, 0, List.of())).hasMessageContaining("got 1");
    assertThatThrownBy(() -> new CapacityGraph(2, 0, List.of(new Edge(0, 2, 1))))
        .hasMessage("Edge[from=0, to=2, rate=1.0] does not fit 2 vertices");
    CapacityGraph parted = new CapacityGraph(2, 0, List.of(new Edge(0, 1, 1)));
    assertThatThrownBy(() -> PackedTrees.forAllReduce(parted, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no way leads from some ranks to some others");
    assertThatThrownBy(() -> PackedTrees.forAllGather(mesh(65, 1), 4))
        .hasMessage("packed trees are searched for up to 64 ranks, the topology has 65");
  }
}
