package dev.tutti.topology.format;

import dev.tutti.topology.Cable;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Graphviz' language: a cluster for each node that has others inside, an edge for each cable, with
/// its capacity as label and width.
public final class Dot implements TopologyWriter {
  /// The format's name.
  public static final String NAME = "dot";

  private static final String HEAD =
      """
        graph [compound=true, newrank=true, rankdir=TB, ranksep=0.6, fontname="Helvetica"];
        node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica"];
        edge [fontname="Helvetica", fontsize=9];
      """;

  /// Makes a writer.
  public Dot() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "for Graphviz: dot -Tsvg";
  }

  @Override
  public void write(Topology topology, OutputStream out) throws IOException {
    out.write(text(topology).getBytes(StandardCharsets.UTF_8));
  }

  /// Returns the text of a topology.
  public static String text(Topology topology) {
    StringBuilder text = new StringBuilder();
    text.append("digraph ").append(quoted(topology.name())).append(" {\n").append(HEAD);
    text.append("  label=").append(quoted(topology.name())).append(";\n");
    topology.roots().forEach(node -> node(topology, node, text, "  "));
    for (Cable cable : Cable.of(topology.links())) {
      if (cable.isAlikeBothWays()) {
        edge(topology, cable.forward(), cable.backward(), text);
      } else {
        cable.links().forEach(link -> edge(topology, link, null, text));
      }
    }
    return text.append("}\n").toString();
  }

  private static void node(Topology topology, Node node, StringBuilder text, String indent) {
    List<Node> children = topology.children(node.id());
    if (children.isEmpty()) {
      box(topology, node, text, indent);
      return;
    }
    text.append(indent).append("subgraph ").append(quoted("cluster " + node.id())).append(" {\n");
    String inner = indent + "  ";
    text.append(inner).append("label=").append(quoted(node.name())).append(";\n");
    text.append(inner).append("color=\"#8A939E\"; style=rounded;\n");
    if (!topology.linksFrom(node.id()).isEmpty() || !topology.linksTo(node.id()).isEmpty()) {
      box(topology, node, text, inner); // an edge cannot end at a cluster
    }
    children.forEach(child -> node(topology, child, text, inner));
    text.append(indent).append("}\n");
  }

  private static void box(Topology topology, Node node, StringBuilder text, String indent) {
    List<Integer> ranks = topology.ranksOn(node.id());
    String label =
        ranks.isEmpty()
            ? node.name()
            : node.name() + "\n" + (ranks.size() == 1 ? "rank " : "ranks ") + listed(ranks);
    text.append(indent).append(quoted(node.id())).append(" [label=").append(quoted(label));
    text.append(", tooltip=").append(quoted(node.id() + " (" + node.kind().label() + ")"));
    text.append(", fillcolor=\"").append(fill(node.kind())).append("\"];\n");
  }

  private static String listed(List<Integer> ranks) {
    String all = ranks.toString();
    return all.substring(1, all.length() - 1);
  }

  private static String fill(NodeKind kind) {
    return switch (kind) {
      case DEVICE -> "#DDF0E4";
      case NIC -> "#FCE9CF";
      case SWITCH, NETWORK -> "#E6E1F4";
      case NUMA, PACKAGE, CORE, CACHE -> "#DCE9F5";
      default -> "#F1F3F5";
    };
  }

  private static void edge(Topology topology, Link link, @Nullable Link back, StringBuilder text) {
    boolean upwards = height(topology, link.to()) > height(topology, link.from());
    text.append("  ").append(quoted(upwards ? link.to() : link.from())).append(" -> ");
    text.append(quoted(upwards ? link.from() : link.to()));
    text.append(" [dir=").append(back != null ? "none" : upwards ? "back" : "forward");
    text.append(", label=").append(quoted(label(link)));
    text.append(", tooltip=").append(quoted(link.kind().display() + ", " + link.origin()));
    text.append(", color=\"").append(LinkHealth.of(link).color()).append('"');
    text.append(String.format(Locale.ROOT, ", penwidth=%.1f", width(link)));
    if (LinkHealth.of(link) == LinkHealth.DOWN || link.bestKnownBytesPerSecond() == null) {
      text.append(", style=dashed");
    }
    if (link.kind() == LinkKind.SMP
        || height(topology, link.to()) == height(topology, link.from())) {
      text.append(", constraint=false");
    }
    text.append("];\n");
  }

  private static String label(Link link) {
    String nominal = Quantities.rate(link.capacityBytesPerSecond());
    Measurement measured = link.measured();
    if (measured == null) {
      return link.capacityBytesPerSecond() == null ? "" : nominal;
    }
    String rate = Quantities.rate(measured.bytesPerSecond());
    return link.capacityBytesPerSecond() == null ? rate : rate + "\nof " + nominal;
  }

  private static double width(Link link) {
    Double rate = link.expectedBytesPerSecond();
    return rate == null ? 1 : Math.clamp(1 + Math.log10(Math.max(rate, 1) / 1e9) * 1.6, 0.7, 7);
  }

  /// How far up a node stands in a picture: networks above NICs above processors above devices.
  private static int height(Topology topology, String id) {
    Node node = topology.node(id);
    return switch (node.kind()) {
      case NETWORK -> 9;
      case SWITCH -> topology.enclosing(id, NodeKind.HOST) == null ? 8 : 1;
      case NIC -> 7;
      case HOST, GROUP -> 6;
      case PACKAGE -> 5;
      case NUMA -> 4;
      case PCI_BRIDGE -> 3;
      default -> 2;
    };
  }

  /// Returns a quoted string. In labels the backslash begins an escape, so it is doubled.
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    XmlText.clean(text)
        .codePoints()
        .forEach(point -> {
          switch (point) {
            case '"' -> quoted.append("\\\"");
            case '\\' -> quoted.append("\\\\");
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append(' ');
            default -> quoted.appendCodePoint(point);
          }
        });
    return quoted.append('"').toString();
  }
}
