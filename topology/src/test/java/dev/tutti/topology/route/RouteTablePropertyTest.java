package dev.tutti.topology.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.RandomTopologies;
import dev.tutti.topology.Topology;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compares the search from both ends with one that visits every node.
final class RouteTablePropertyTest {
  @Test
  void shouldFindWhatAFullSearchFindsWhenTheTopologyIsRandom() {
    int ways = 0;
    for (long seed = 0; seed < 400; seed++) {
      ways += comparePairs(RandomTopologies.any(seed));
    }

    assertThat(ways).isGreaterThan(5_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dgx-1", "hgx-a100", "fire-flyer", "ethernet-racks", "ascend-910b"})
  void shouldFindWhatAFullSearchFindsOnKnownMachines(String preset) {
    Topology topology = Presets.byName(preset).make(new PresetOptions(3, 2, 2, 0));

    assertThat(comparePairs(topology)).isPositive();
  }

  private static int comparePairs(Topology topology) {
    RouteTable table = new RouteTable(topology);
    IdentityHashMap<Link, Integer> numbers =
        new IdentityHashMap<>(); // equal links may run side by side
    for (int i = 0; i < topology.links().size(); i++) {
      numbers.put(table.link(i), i);
    }
    int ways = 0;
    for (Node to : some(topology)) {
      Map<String, Integer> distance = distances(topology, to.id());
      for (Node from : some(topology)) {
        RouteTable.Route route = table.find(table.node(from.id()), table.node(to.id()));
        double[] expected = expected(topology, numbers, from.id(), distance);
        double[] shares = new double[expected.length];
        for (int i = 0; i < route.links().length; i++) {
          shares[route.links()[i]] += route.shares()[i];
        }
        double difference = 0;
        for (int i = 0; i < shares.length; i++) {
          difference = Math.max(difference, Math.abs(shares[i] - expected[i]));
        }
        if (difference > 1e-9) { // an assertion for each of so many pairs would take long
          fail("%s from %s to %s differs", topology.name(), from.id(), to.id());
        }
        ways += route.isEmpty() ? 0 : 1;
      }
    }
    return ways;
  }

  /// Returns all nodes of a small topology, about sixty of a large one.
  private static List<Node> some(Topology topology) {
    List<Node> nodes = List.copyOf(topology.nodes());
    int stride = Math.ceilDiv(nodes.size(), 60);
    return IntStream.range(0, nodes.size())
        .filter(i -> i % stride == 0)
        .mapToObj(nodes::get)
        .toList();
  }

  private static double[] expected(
      Topology topology,
      IdentityHashMap<Link, Integer> numbers,
      String from,
      Map<String, Integer> distance) {
    double[] shares = new double[topology.links().size()];
    Map<String, Double> layer = distance.containsKey(from) ? Map.of(from, 1.0) : Map.of();
    while (!layer.isEmpty()) {
      Map<String, Double> next = new HashMap<>();
      layer.forEach((node, part) -> {
        int left = distance.getOrDefault(node, 0);
        List<Link> onward =
            topology.linksFrom(node).stream()
                .filter(link -> mayHandOn(topology, link.to(), distance))
                .filter(link -> left > 0 && distance.getOrDefault(link.to(), left) == left - 1)
                .toList();
        double largest =
            onward.stream()
                .map(Link::bestKnownBytesPerSecond)
                .filter(rate -> rate != null)
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
        double sum = onward.stream().mapToDouble(link -> weight(link, largest)).sum();
        for (Link link : onward) {
          double share = sum == 0 ? part / onward.size() : part * weight(link, largest) / sum;
          shares[numbers.getOrDefault(link, -1)] += share;
          next.merge(link.to(), share, Double::sum);
        }
      });
      layer = next;
    }
    return shares;
  }

  private static boolean mayHandOn(Topology topology, String node, Map<String, Integer> distance) {
    return topology.node(node).kind() != NodeKind.DEVICE || distance.getOrDefault(node, 1) == 0;
  }

  private static double weight(Link link, double largest) {
    Double rate = link.bestKnownBytesPerSecond();
    return rate == null ? largest : rate;
  }

  private static Map<String, Integer> distances(Topology topology, String target) {
    Map<String, Integer> distance = new HashMap<>(Map.of(target, 0));
    Deque<String> open = new ArrayDeque<>(List.of(target));
    while (!open.isEmpty()) {
      String node = open.remove();
      if (mayHandOn(topology, node, distance)) {
        for (Link link : topology.linksTo(node)) {
          if (distance.putIfAbsent(link.from(), distance.getOrDefault(node, 0) + 1) == null) {
            open.add(link.from());
          }
        }
      }
    }
    return distance;
  }
}
