package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.XmlTree.Element;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One reading of a graph file; [NcclGraphXml] says what becomes what.
final class NcclGraphReading {
  private static final String HOST = "host0";
  private static final String NETWORK = "network";
  private static final int RING = 4;
  private static final int LAST_TREE = 3;

  private final SourceFile file;
  private final Topology.Builder builder;
  private final Complaints complaints = new Complaints();
  private final Map<Ends, Link> links = new LinkedHashMap<>();

  private record Ends(String from, String to) {}

  NcclGraphReading(SourceFile file) {
    this.file = file;
    builder = Topology.builder(Ids.baseName(file)).attribute(Attributes.SOURCE, file.name());
  }

  Reading read() {
    Element root = XmlTree.parse(file);
    if (!root.name().equals("graphs")) {
      throw root.place().wrong("the root is <" + root.name() + ">, expected <graphs>");
    }
    builder.node(HOST, NodeKind.HOST, HOST, null);
    for (Element graph : root.children()) {
      if (graph.name().equals("graph")) {
        graph(graph);
      } else {
        unknown(graph, "<graph>");
      }
    }
    links.values().forEach(builder::link);
    if (links.isEmpty()) {
      complaints.warning(root.place(), "has no channel that joins anything");
    }
    return new Reading(NcclGraphXml.NAME, builder.build(), complaints.inOrder());
  }

  private void graph(Element graph) {
    String id = graph.get("id");
    String key = "graph." + (id == null ? "?" : id);
    StringBuilder about = new StringBuilder();
    graph
        .attributes()
        .forEach((name, value) -> {
          if (!name.equals("id")) {
            about.append(about.isEmpty() ? "" : " ").append(name).append('=').append(value);
          }
        });
    builder.attribute(key, about.toString());
    Integer pattern = Numbers.integer(graph.get("pattern"));
    if (pattern == null) {
      complaints.warning(
          graph.place(), NcclXmlReading.expected(graph, "pattern", "a whole number"));
    }
    Map<Ends, Integer> uses = new LinkedHashMap<>();
    List<String> channels = new ArrayList<>();
    for (Element channel : graph.children()) {
      if (channel.name().equals("channel")) {
        List<String> nodes = channel(channel);
        channels.add(String.join(" ", nodes.stream().map(NcclGraphReading::last).toList()));
        use(nodes, pattern == null ? 0 : pattern, uses);
      } else {
        unknown(channel, "<channel>");
      }
    }
    builder.attribute(key + ".channels", String.join("; ", channels));
    Integer count = Numbers.integer(graph.get("nchannels"));
    if (count != null && count != channels.size()) {
      complaints.warning(
          graph.place(), "nchannels is " + count + ", but there are " + channels.size());
    }
    uses.forEach((ends, channelCount) -> keep(graph, key, ends, channelCount));
  }

  private static String last(String id) {
    return id.substring(id.lastIndexOf('/') + 1);
  }

  private List<String> channel(Element channel) {
    List<String> nodes = new ArrayList<>();
    for (Element member : channel.children()) {
      boolean gpu = member.name().equals("gpu");
      if (!gpu && !member.name().equals("net")) {
        unknown(member, "<gpu> or <net>");
        continue;
      }
      Integer dev = Numbers.integer(member.get("dev"));
      if (dev == null || dev < 0) {
        complaints.warning(
            member.place(), NcclXmlReading.expected(member, "dev", "a whole number"));
        continue;
      }
      String id = HOST + "/" + member.name() + dev;
      if (!builder.hasNode(id)) {
        builder.node(
            new Node(
                id,
                gpu ? NodeKind.DEVICE : NodeKind.NIC,
                (gpu ? "GPU " : "net ") + dev,
                HOST,
                Map.of(Attributes.INDEX, dev.toString())));
      }
      rank(member, id);
      nodes.add(id);
    }
    return nodes;
  }

  private void rank(Element member, String id) {
    Integer rank = Numbers.integer(member.get("rank"));
    if (rank == null || rank < 0) {
      return;
    }
    String other = builder.ranks().get(rank);
    if (other == null) {
      builder.rank(rank, id);
    } else if (!other.equals(id)) {
      complaints.warning(member.place(), "rank " + rank + " is on '" + other + "' too");
    }
  }

  private void use(List<String> nodes, int pattern, Map<Ends, Integer> uses) {
    boolean tree = pattern >= 1 && pattern <= LAST_TREE;
    if (!tree && pattern != RING) {
      return;
    }
    for (int i = 0; i + 1 < nodes.size(); i++) {
      count(nodes.get(i), nodes.get(i + 1), uses);
      if (tree) {
        count(nodes.get(i + 1), nodes.get(i), uses);
      }
    }
    boolean atNet = nodes.stream().anyMatch(NcclGraphReading::isNet);
    if (!tree && !atNet && nodes.size() > 1) {
      count(nodes.getLast(), nodes.getFirst(), uses);
    }
    if (!nodes.isEmpty()) {
      if (isNet(nodes.getFirst())) {
        count(NETWORK, nodes.getFirst(), uses);
      }
      if (isNet(nodes.getLast())) {
        count(nodes.getLast(), NETWORK, uses);
      }
    }
  }

  private static boolean isNet(String id) {
    return id.startsWith(HOST + "/net");
  }

  private static void count(String from, String to, Map<Ends, Integer> uses) {
    if (!from.equals(to)) {
      uses.merge(new Ends(from, to), 1, Integer::sum);
    }
  }

  private void keep(Element graph, String key, Ends ends, int channels) {
    if ((ends.from().equals(NETWORK) || ends.to().equals(NETWORK)) && !builder.hasNode(NETWORK)) {
      builder.node(NETWORK, NodeKind.NETWORK, "network", null);
    }
    boolean inter = isNet(ends.from()) || isNet(ends.to());
    String attribute = inter ? "speedinter" : "speedintra";
    Double speed = Numbers.number(graph.get(attribute));
    if (speed == null || speed <= 0) {
      complaints.noteOnce(
          key + attribute,
          graph.place(),
          NcclXmlReading.expected(graph, attribute, "GB/s above 0") + "; capacity unknown");
    }
    Double capacity = speed == null || speed <= 0 ? null : Double.valueOf(speed * 1e9 * channels);
    boolean outside = ends.from().equals(NETWORK) || ends.to().equals(NETWORK);
    Link link =
        Link.of(
                ends.from(),
                ends.to(),
                outside ? LinkKind.UNKNOWN : kind(graph.get(inter ? "typeinter" : "typeintra")),
                capacity,
                NcclGraphXml.NAME)
            .withLanes(channels);
    links.merge(ends, link, NcclGraphReading::larger);
  }

  private static Link larger(Link one, Link other) {
    Double a = one.capacityBytesPerSecond();
    Double b = other.capacityBytesPerSecond();
    return b != null && (a == null || b > a) ? other : one;
  }

  private static LinkKind kind(@Nullable String path) {
    return switch (path == null ? "" : path) {
      case "NVL", "NVB" -> LinkKind.NVLINK;
      case "C2C" -> LinkKind.C2C;
      case "PIX", "PXB" -> LinkKind.PCIE;
      default -> LinkKind.UNKNOWN;
    };
  }

  private void unknown(Element element, String expected) {
    complaints.noteOnce(
        element.name(),
        element.place(),
        "<" + element.name() + "> is not known here (expected " + expected + ") and was left out");
  }
}
