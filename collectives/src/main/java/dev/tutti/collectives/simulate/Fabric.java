package dev.tutti.collectives.simulate;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.route.RouteTable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;

/// What messages between ranks use: the links of a topology, and for ranks on the same node its
/// memory, and where it was measured what bytes cost them, the ranks' processors. Each is a
/// *resource* with a capacity; links come first, then nodes, then processors.
///
/// A link whose capacity nobody knows is taken to be no bottleneck.
final class Fabric {
  private static final double MEMORY_LATENCY = 0.1e-6;

  private final Topology topology;
  private final RouteTable table;
  private final int[] nodeOfRank;
  private final double nodeBytesPerSecond;
  private final MessageModel messages;
  private final BitSet unknown = new BitSet(); // links in use without a capacity

  /// What one message uses.
  ///
  /// @param resources numbers of the resources
  /// @param shares part of the message that each carries
  /// @param latencySeconds until a byte that leaves arrives
  /// @param bytesPerSecond what the way carries when nobody else is on it; finite, above 0
  record Way(int[] resources, double[] shares, double latencySeconds, double bytesPerSecond) {}

  Fabric(Topology topology, int ranks, SimulationOptions options) {
    this.topology = topology;
    this.table = new RouteTable(topology);
    this.nodeBytesPerSecond = options.nodeBytesPerSecond();
    this.messages = options.messages();
    this.nodeOfRank = new int[ranks];
    for (int rank = 0; rank < ranks; rank++) {
      String node = topology.ranks().get(rank);
      if (node == null) {
        throw new IllegalArgumentException(
            "rank " + rank + " has no place in topology '" + topology.name() + "'");
      }
      nodeOfRank[rank] = table.node(node);
    }
  }

  int ranks() {
    return nodeOfRank.length;
  }

  int resources() {
    return firstProcessor() + nodeOfRank.length;
  }

  /// Returns the number of links: the first resources are those.
  int links() {
    return topology.links().size();
  }

  private int firstProcessor() {
    return topology.links().size() + topology.nodes().size();
  }

  /// Returns bytes/s, infinite if unknown.
  double capacity(int resource) {
    if (resource >= firstProcessor()) {
      return 1 / messages.endSecondsPerByte();
    }
    if (resource >= topology.links().size()) {
      return nodeBytesPerSecond;
    }
    Double rate = table.link(resource).bestKnownBytesPerSecond();
    return rate == null ? Double.POSITIVE_INFINITY : Math.max(rate, seen(rate));
  }

  /// Returns what a link carries at least, because a message was seen that did. One that carries
  /// nothing is broken.
  private double seen(double rate) {
    return rate == 0 ? 0 : messages.aloneBytesPerSecond();
  }

  /// Returns the number of links in use so far of which no capacity is known.
  int unknownLinks() {
    return unknown.cardinality();
  }

  /// Returns how many ranks the first host has: those before the first one elsewhere.
  int ranksOfFirstHost() {
    Object first = host(0);
    int count = 1;
    while (count < ranks() && host(count).equals(first)) {
      count++;
    }
    return count;
  }

  private Object host(int rank) {
    String place = topology.ranks().getOrDefault(rank, "");
    Node host = topology.enclosing(place, NodeKind.HOST);
    return host == null ? place : host;
  }

  /// Returns the way from one rank to another.
  ///
  /// @throws IllegalArgumentException if there is none, it carries nothing, or nobody knows how
  ///   much
  Way way(int from, int to) {
    if (nodeOfRank[from] == nodeOfRank[to]) {
      int node = topology.links().size() + nodeOfRank[from];
      return new Way(new int[] {node}, new double[] {1}, MEMORY_LATENCY, nodeBytesPerSecond);
    }
    RouteTable.Route route = table.find(nodeOfRank[from], nodeOfRank[to]);
    if (route.isEmpty()) {
      throw new IllegalArgumentException("there is no way from " + place(from, to));
    }
    double latency = 0;
    double rate = Double.POSITIVE_INFINITY;
    for (int i = 0; i < route.links().length; i++) {
      Link link = table.link(route.links()[i]);
      double share = route.shares()[i];
      latency += share * LinkLatencies.seconds(link);
      double capacity = capacity(route.links()[i]);
      if (capacity == 0 && share > 0) {
        throw new IllegalArgumentException(
            "link "
                + link.from()
                + " -> "
                + link.to()
                + " carries nothing (0 bytes/s), and it is"
                + " on the way from "
                + place(from, to));
      }
      if (capacity == Double.POSITIVE_INFINITY) {
        unknown.set(route.links()[i]);
      }
      rate = Math.min(rate, share > 0 ? capacity / share : rate);
    }
    if (rate == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "no link has a known capacity on the way from " + place(from, to));
    }
    if (messages.latencySeconds() >= 0) {
      latency = messages.latencySeconds();
    }
    return messages.endSecondsPerByte() == 0
        ? new Way(route.links(), route.shares(), latency, rate)
        : withEnds(route, from, to, latency, rate);
  }

  /// Returns a way that the processors of both ends are part of.
  private Way withEnds(
      RouteTable.Route route, int from, int to, double latency, double bytesPerSecond) {
    int links = route.links().length;
    int[] resources = Arrays.copyOf(route.links(), links + 2);
    double[] shares = Arrays.copyOf(route.shares(), links + 2);
    resources[links] = firstProcessor() + from;
    resources[links + 1] = firstProcessor() + to;
    Arrays.fill(shares, links, links + 2, 1);
    return new Way(
        resources, shares, latency, Math.min(bytesPerSecond, 1 / messages.endSecondsPerByte()));
  }

  private String place(int from, int to) {
    Map<Integer, String> ranks = topology.ranks();
    return "rank " + from + " (" + ranks.get(from) + ") to rank " + to + " (" + ranks.get(to) + ")";
  }
}
