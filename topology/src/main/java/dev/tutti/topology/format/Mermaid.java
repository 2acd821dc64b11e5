package dev.tutti.topology.format;

import dev.tutti.topology.Cable;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Mermaid's flow chart, which Markdown viewers draw: a subgraph for each node that has others
/// inside, one edge for cables that are alike.
public final class Mermaid implements TopologyWriter {
  /// The format's name.
  public static final String NAME = "mermaid";

  /// Makes a writer.
  public Mermaid() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "flow chart for Markdown; viewers draw up to 500 edges";
  }

  @Override
  public void write(Topology topology, OutputStream out) throws IOException {
    out.write(text(topology).getBytes(StandardCharsets.UTF_8));
  }

  /// Returns the text of a topology.
  public static String text(Topology topology) {
    return new Emitter(topology).emit();
  }

  /// Cables that one edge stands for: those between two nodes that look the same.
  private record Edge(String from, String to, String arrow, String label, LinkHealth health) {}

  private static final class Emitter {
    private final Topology topology;
    private final Map<String, String> ids = new LinkedHashMap<>();
    private final StringBuilder text = new StringBuilder();

    Emitter(Topology topology) {
      this.topology = topology;
      // The language has reserved words (`end`) and few characters for names, so they are numbered.
      topology.nodes().forEach(node -> ids.put(node.id(), "n" + ids.size()));
    }

    String emit() {
      text.append("---\ntitle: ").append(yaml(topology.name())).append("\n---\nflowchart TB\n");
      topology.roots().forEach(node -> node(node, "  "));
      Map<Edge, Integer> edges = new LinkedHashMap<>();
      for (Cable cable : Cable.of(topology.links())) {
        if (cable.isAlikeBothWays()) {
          edges.merge(edge(cable.forward(), "<-->"), 1, Integer::sum);
        } else {
          cable.links().forEach(link -> edges.merge(edge(link, "-->"), 1, Integer::sum));
        }
      }
      edges.forEach(this::edge);
      styles(List.copyOf(edges.keySet()));
      return text.toString();
    }

    private void node(Node node, String indent) {
      List<Node> children = topology.children(node.id());
      if (children.isEmpty()) {
        text.append(indent).append(ids.get(node.id())).append(shape(node)).append('\n');
        return;
      }
      text.append(indent).append("subgraph ").append(ids.get(node.id()));
      text.append("[\"").append(escaped(node.name())).append("\"]\n");
      children.forEach(child -> node(child, indent + "  "));
      text.append(indent).append("end\n");
    }

    private String shape(Node node) {
      List<Integer> ranks = topology.ranksOn(node.id());
      String label =
          escaped(node.name())
              + (ranks.isEmpty() ? "" : "<br/>rank " + ranks.getFirst())
              + (ranks.size() > 1 ? " …" : "");
      if (node.kind() == NodeKind.SWITCH) {
        return "{{\"" + label + "\"}}";
      }
      if (node.kind() == NodeKind.NETWORK) {
        return "([\"" + label + "\"])";
      }
      return node.kind() == NodeKind.NIC ? "(\"" + label + "\")" : "[\"" + label + "\"]";
    }

    private Edge edge(Link link, String arrow) {
      Measurement measured = link.measured();
      String nominal =
          link.capacityBytesPerSecond() == null
              ? ""
              : Quantities.rate(link.capacityBytesPerSecond());
      String label =
          measured == null
              ? nominal
              : Quantities.rate(measured.bytesPerSecond())
                  + (nominal.isEmpty() ? "" : " of " + nominal);
      return new Edge(link.from(), link.to(), arrow, label, LinkHealth.of(link));
    }

    private void edge(Edge edge, int count) {
      String label = edge.label();
      if (count > 1) {
        label = count + " × " + (label.isEmpty() ? "link" : label);
      }
      text.append("  ").append(ids.get(edge.from())).append(' ').append(edge.arrow());
      if (!label.isEmpty()) {
        text.append("|\"").append(escaped(label)).append("\"|");
      }
      text.append(' ').append(ids.get(edge.to())).append('\n');
    }

    private void styles(List<Edge> edges) {
      for (int i = 0; i < edges.size(); i++) {
        LinkHealth health = edges.get(i).health();
        if (health.isIll()) {
          text.append("  linkStyle ").append(i).append(" stroke:").append(health.color());
          text.append(",stroke-width:4px");
          text.append(health == LinkHealth.DOWN ? ",stroke-dasharray:6 4\n" : "\n");
        }
      }
    }
  }

  private static String yaml(String title) {
    String oneLine = title.replaceAll("[\\p{Cntrl}\u2028\u2029]", " ");
    String quoted = oneLine.replace("\\", "\\\\").replace("\"", "\\\"");
    // Kept from whatever HTML the text is pasted into.
    return '"' + quoted.replace("<", "\\x3c").replace(">", "\\x3e") + '"';
  }

  /// Returns a text for a quoted label; the language writes special characters as `#code;`.
  static String escaped(String label) {
    StringBuilder escaped = new StringBuilder();
    XmlText.clean(label)
        .codePoints()
        .forEach(point -> {
          switch (point) {
            case '"', '<', '>', '&', '#', '`', '\\' ->
                escaped.append('#').append(point).append(';');
            case '\n', '\r', '\t' -> escaped.append(' ');
            default -> escaped.appendCodePoint(point);
          }
        });
    return escaped.toString();
  }
}
