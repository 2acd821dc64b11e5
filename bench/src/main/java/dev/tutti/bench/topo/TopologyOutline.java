package dev.tutti.bench.topo;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Cable;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.LimitingCut;
import dev.tutti.topology.bound.Movement;
import dev.tutti.topology.bound.Optimum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A topology as lines of text: what is inside of what, what each thing is joined to, and the
/// bottleneck.
///
/// Things that look alike and stand beside each other become one line: `8 x gpu`.
public final class TopologyOutline {
  private static final int MOST_PEERS = 4;

  private final Topology topology;
  private final UnaryOperator<String> bad;
  private final List<String> lines = new ArrayList<>();

  private TopologyOutline(Topology topology, UnaryOperator<String> bad) {
    this.topology = topology;
    this.bad = bad;
  }

  /// Returns the lines of a topology.
  ///
  /// @param bad marks text about links that fall short
  public static List<String> lines(Topology topology, UnaryOperator<String> bad) {
    TopologyOutline outline = new TopologyOutline(topology, bad);
    outline.head();
    outline.siblings(topology.roots(), "");
    outline.limit();
    return outline.lines;
  }

  private void head() {
    lines.add(topology.toString());
    String source = topology.attributes().get(Attributes.SOURCE);
    if (source != null) {
      lines.add("from " + source);
    }
  }

  /// Adds nodes that stand beside each other, those in a row that look alike as one.
  private void siblings(List<Node> nodes, String indent) {
    for (int i = 0; i < nodes.size(); ) {
      String looks = looks(nodes.get(i));
      int alike = 1;
      while (i + alike < nodes.size() && looks(nodes.get(i + alike)).equals(looks)) {
        alike++;
      }
      node(nodes.get(i), alike == 1 ? null : nodes.get(i + alike - 1), alike, indent);
      i += alike;
    }
  }

  private void node(Node node, @Nullable Node last, int alike, String indent) {
    StringBuilder line = new StringBuilder(indent).append(node.name());
    if (last != null) {
      line.append(" ... ").append(last.name()).append(" (").append(alike).append(" alike)");
    }
    describe(node, line);
    ranks(node, last, line);
    links(node, last, line);
    lines.add(line.toString());
    siblings(topology.children(node.id()), indent + "  ");
  }

  private static void describe(Node node, StringBuilder line) {
    List<String> words = new ArrayList<>();
    add(words, node.attribute(Attributes.MODEL));
    add(words, node.attribute(Attributes.BUS_ID));
    String cpus = node.attribute(Attributes.CPUS);
    add(words, cpus == null ? null : "cpus " + cpus);
    String bytes = node.attribute(Attributes.BYTES);
    add(words, bytes == null || !bytes.matches("[0-9]{1,18}") ? null : bytes(bytes));
    add(words, node.attribute(Attributes.ADDRESS));
    String state = node.attribute(Attributes.STATE);
    add(words, state == null || state.equals("up") ? null : state);
    if (!words.isEmpty()) {
      line.append("  ").append(String.join(", ", words));
    }
  }

  private static String bytes(String bytes) {
    return Quantities.bytes(Double.parseDouble(bytes));
  }

  private static void add(List<String> words, @Nullable String word) {
    if (word != null && !word.isBlank()) {
      words.add(word);
    }
  }

  private void ranks(Node node, @Nullable Node last, StringBuilder line) {
    List<Integer> ranks = topology.ranksOn(node.id());
    if (!ranks.isEmpty()) {
      line.append(ranks.size() == 1 ? "  rank " : "  ranks ").append(ranks.getFirst());
      if (last != null || ranks.size() > 1) {
        List<Integer> end = last == null ? ranks : topology.ranksOn(last.id());
        line.append(end.isEmpty() ? "" : " ... " + end.getLast());
      }
    }
  }

  /// Adds where the links of a node lead, each cable at one of its ends only: the one that comes
  /// later, which is the lower one. Of nodes that look alike the first tells about all, also what
  /// joins them to each other.
  private void links(Node node, @Nullable Node last, StringBuilder line) {
    Map<String, List<Cable>> byLooks = new LinkedHashMap<>();
    for (Cable cable : cables(node)) {
      Node peer = topology.node(peer(node, cable));
      boolean sibling = last != null && looks(peer).equals(looks(node)) && !peer.equals(node);
      if (sibling || isNamedHere(node, peer)) {
        String where = sibling ? "each other" : "";
        byLooks.computeIfAbsent(where + looks(cable), _ -> new ArrayList<>()).add(cable);
      }
    }
    byLooks.forEach((looks, cables) -> {
      String to = looks.startsWith("each other") ? "each other" : names(node, cables);
      String text = "<-> " + to + "  " + looks(cables.getFirst());
      line.append("  ").append(cables.getFirst().health().isIll() ? bad.apply(text) : text);
    });
  }

  private String names(Node node, List<Cable> cables) {
    List<String> peers = cables.stream().map(c -> topology.node(peer(node, c)).name()).toList();
    return peers.size() <= MOST_PEERS
        ? String.join(", ", peers)
        : peers.getFirst() + " ... " + peers.getLast() + " (" + peers.size() + ")";
  }

  private List<Cable> cables(Node node) {
    List<Link> links = new ArrayList<>(topology.linksFrom(node.id()));
    links.addAll(topology.linksTo(node.id()));
    return Cable.of(links);
  }

  private boolean isNamedHere(Node node, Node peer) {
    int own = depth(node);
    int other = depth(peer);
    if (peer.kind() == NodeKind.SWITCH || peer.kind() == NodeKind.NETWORK) {
      return node.kind() != NodeKind.SWITCH || isLater(node, peer);
    }
    return node.kind() != NodeKind.SWITCH && (own > other || (own == other && isLater(node, peer)));
  }

  private int depth(Node node) {
    int depth = 0;
    for (String id = node.parent(); id != null; id = topology.node(id).parent()) {
      depth++;
    }
    return depth;
  }

  private static boolean isLater(Node node, Node peer) {
    int byLength = Integer.compare(node.id().length(), peer.id().length());
    return byLength != 0 ? byLength > 0 : node.id().compareTo(peer.id()) > 0;
  }

  private static String peer(Node node, Cable cable) {
    Link link = cable.forward();
    return link.from().equals(node.id()) ? link.to() : link.from();
  }

  private static String looks(Cable cable) {
    Link link = cable.forward();
    StringBuilder text = new StringBuilder(link.kind().display());
    String generation = link.attribute(Attributes.PCIE_GENERATION);
    if (generation != null) {
      text.append(' ').append(generation);
    }
    if (link.lanes() > 0) {
      text.append(link.kind() == LinkKind.PCIE ? " x" : " ").append(link.lanes());
    }
    text.append(' ').append(rates(link));
    Link back = cable.backward();
    if (back == null) {
      text.append(" one way");
    } else if (!cable.isAlikeBothWays()) {
      text.append(", back ").append(rates(back));
    }
    return text.toString();
  }

  private static String rates(Link link) {
    String nominal = Quantities.rate(link.capacityBytesPerSecond());
    if (link.measured() == null) {
      return nominal;
    }
    String measured = Quantities.rate(link.measured().bytesPerSecond());
    Double health = link.health();
    return "measured "
        + measured
        + (health == null ? "" : " of " + nominal + " (" + Quantities.percent(health) + ")");
  }

  /// Returns what must be equal for nodes to become one line.
  private String looks(Node node) {
    StringBuilder text = new StringBuilder(node.kind().label());
    text.append(node.name().replaceAll("[0-9]+", "#"));
    for (String key : List.of(Attributes.MODEL, Attributes.BYTES, Attributes.STATE)) {
      text.append('|').append(node.attribute(key));
    }
    text.append(topology.ranksOn(node.id()).size());
    for (Cable cable : cables(node)) {
      Node peer = topology.node(peer(node, cable));
      text.append('|').append(looks(cable)).append(peer.kind());
    }
    for (Node child : topology.children(node.id())) {
      text.append('(').append(looks(child)).append(')');
    }
    return text.toString();
  }

  private void limit() {
    Optimum gather = Optimum.of(topology, Movement.ALL_GATHER);
    Optimum scatter = Optimum.of(topology, Movement.REDUCE_SCATTER);
    if (gather.secondsPerByte() == scatter.secondsPerByte()) {
      limit(gather, gather.movement().label() + " and " + scatter.movement().label());
    } else {
      limit(gather, gather.movement().label());
      limit(scatter, scatter.movement().label());
    }
    limit(Optimum.of(topology, Movement.ALL_REDUCE), Movement.ALL_REDUCE.label());
    long ill = topology.links().stream().filter(link -> LinkHealth.of(link).isIll()).count();
    if (ill > 0) {
      lines.add(bad.apply(ill + " links carry less than 90 % of what they should"));
    }
  }

  private void limit(Optimum optimum, String name) {
    if (optimum.proof() == Optimum.Proof.NOTHING_KNOWN) {
      return;
    }
    LimitingCut cut = optimum.cut();
    lines.add(
        "limit: "
            + name
            + " at most "
            + Quantities.rate(optimum.algorithmBytesPerSecond())
            + " algbw, "
            + Quantities.rate(optimum.busBytesPerSecond())
            + " busbw ("
            + optimum.proof().words()
            + ")"
            + (cut == null ? "" : ", because of " + links(cut)));
  }

  private static String links(LimitingCut cut) {
    List<Link> crossing = cut.crossing();
    if (crossing.isEmpty()) {
      return "no way between " + cut.ranksInside() + " ranks and the others";
    }
    Link first = crossing.getFirst();
    String example = first.from() + " -> " + first.to();
    return crossing.size() == 1
        ? example
        : crossing.size()
            + " links such as "
            + example
            + ", "
            + Quantities.rate(cut.bytesPerSecond())
            + " together";
  }
}
