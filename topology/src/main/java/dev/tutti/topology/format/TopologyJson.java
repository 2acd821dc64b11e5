package dev.tutti.topology.format;

import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import dev.tutti.topology.format.JsonTree.Members;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Tutti's own format: everything that a [Topology] holds, as JSON. `docs/topology-formats.md` has
/// the schema.
public final class TopologyJson implements TopologyReader, TopologyWriter {
  /// The format's name.
  public static final String NAME = "json";

  private static final String MARK = "tutti-topology";
  private static final int VERSION = 1;

  /// Makes a reader and writer.
  public TopologyJson() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "Tutti's own format; loses nothing";
  }

  @Override
  public boolean recognises(SourceFile file) {
    return file.head().stripLeading().startsWith("{") && file.head().contains('"' + MARK + '"');
  }

  // Reading

  @Override
  public Reading read(SourceFile file) {
    List<Finding> findings = new ArrayList<>();
    Members root = JsonTree.object(JsonTree.parse(file, findings));
    root.requireFormat(MARK, VERSION);
    unknown(root, findings, "format", "version", "name", "attributes", "nodes", "links", "ranks");
    Topology.Builder builder = Topology.builder(root.requireText("name"));
    attributes(root).forEach(builder::attribute);
    for (Members node : root.objects("nodes")) {
      unknown(node, findings, "id", "kind", "name", "parent", "attributes");
      at(node, () -> builder.node(node(node)));
    }
    for (Members link : root.objects("links")) {
      unknown(
          link,
          findings,
          "from",
          "to",
          "kind",
          "lanes",
          "bytesPerSecond",
          "latencySeconds",
          "measured",
          "origin",
          "attributes");
      at(link, () -> builder.link(link(link)));
    }
    for (Members rank : root.objects("ranks")) {
      unknown(rank, findings, "rank", "node");
      at(rank, () -> builder.rank(rank.requireInt("rank"), rank.requireText("node")));
    }
    return new Reading(NAME, builder.build(), findings);
  }

  private static Node node(Members node) {
    String id = node.requireText("id");
    String name = node.text("name");
    return new Node(
        id,
        NodeKind.of(node.requireText("kind")),
        name == null ? id : name,
        node.text("parent"),
        attributes(node));
  }

  private static Link link(Members link) {
    String origin = link.text("origin");
    Members measured = link.object("measured");
    return new Link(
        link.requireText("from"),
        link.requireText("to"),
        LinkKind.of(link.requireText("kind")),
        link.get("lanes") == null ? 0 : link.requireInt("lanes"),
        link.number("bytesPerSecond"),
        link.number("latencySeconds"),
        measured == null ? null : measurement(measured),
        origin == null ? NAME : origin,
        attributes(link));
  }

  private static Measurement measurement(Members measured) {
    Double rate = measured.number("bytesPerSecond");
    if (rate == null) {
      throw measured.place().wrong("missing 'bytesPerSecond'");
    }
    return new Measurement(
        rate,
        measured.number("lowBytesPerSecond"),
        measured.number("highBytesPerSecond"),
        measured.number("latencySeconds"));
  }

  private static Map<String, String> attributes(Members owner) {
    Members attributes = owner.object("attributes");
    Map<String, String> map = new LinkedHashMap<>();
    if (attributes != null) {
      attributes.values().keySet().forEach(key -> map.put(key, attributes.requireText(key)));
    }
    return map;
  }

  private static void at(Members owner, Runnable step) {
    try {
      step.run();
    } catch (IllegalArgumentException e) {
      throw owner.place().wrong(String.valueOf(e.getMessage()));
    }
  }

  private static void unknown(Members owner, List<Finding> findings, String... known) {
    Set<String> names = Set.of(known);
    owner
        .values()
        .forEach((key, value) -> {
          if (!names.contains(key)) {
            findings.add(value.place().note("is not known and was left out"));
          }
        });
  }

  // Writing

  @Override
  public void write(Topology topology, OutputStream out) throws IOException {
    out.write(text(topology).getBytes(StandardCharsets.UTF_8));
  }

  /// Returns the text of a topology.
  public static String text(Topology topology) {
    return new Emitter().emit(topology);
  }

  /// Reads what [#text] returned.
  ///
  /// @param name what messages call the text
  /// @throws TopologyFormatException if it is no topology
  public static Topology parse(String name, String text) {
    return new TopologyJson().read(new SourceFile(name, text)).topology();
  }

  private static final class Emitter {
    private final java.io.StringWriter text = new java.io.StringWriter();
    private final JsonGenerator json =
        JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), text);

    String emit(Topology topology) {
      json.writeStartObject();
      json.writeStringProperty("format", MARK);
      json.writeNumberProperty("version", VERSION);
      json.writeStringProperty("name", topology.name());
      attributes(topology.attributes());
      list("nodes", topology.nodes(), this::node);
      list("links", topology.links(), this::link);
      list("ranks", topology.ranks().entrySet(), this::rank);
      newLine();
      json.writeEndObject();
      json.close();
      return text.append('\n').toString();
    }

    // One line per element: files stay readable, and a line-based diff of two says something.
    private <T> void list(
        String name, Iterable<T> elements, java.util.function.Consumer<T> writer) {
      newLine();
      json.writeArrayPropertyStart(name);
      for (T element : elements) {
        newLine();
        json.writeStartObject();
        writer.accept(element);
        json.writeEndObject();
      }
      json.writeEndArray();
    }

    private void newLine() {
      json.flush();
      text.append('\n');
    }

    private void node(Node node) {
      json.writeStringProperty("id", node.id());
      json.writeStringProperty("kind", node.kind().label());
      json.writeStringProperty("name", node.name());
      if (node.parent() != null) {
        json.writeStringProperty("parent", node.parent());
      }
      attributes(node.attributes());
    }

    private void link(Link link) {
      json.writeStringProperty("from", link.from());
      json.writeStringProperty("to", link.to());
      json.writeStringProperty("kind", link.kind().label());
      if (link.lanes() > 0) {
        json.writeNumberProperty("lanes", link.lanes());
      }
      number("bytesPerSecond", link.capacityBytesPerSecond());
      number("latencySeconds", link.latencySeconds());
      Measurement measured = link.measured();
      if (measured != null) {
        json.writeObjectPropertyStart("measured");
        number("bytesPerSecond", measured.bytesPerSecond());
        number("lowBytesPerSecond", measured.lowBytesPerSecond());
        number("highBytesPerSecond", measured.highBytesPerSecond());
        number("latencySeconds", measured.latencySeconds());
        json.writeEndObject();
      }
      json.writeStringProperty("origin", link.origin());
      attributes(link.attributes());
    }

    private void rank(Map.Entry<Integer, String> rank) {
      json.writeNumberProperty("rank", rank.getKey());
      json.writeStringProperty("node", rank.getValue());
    }

    private void attributes(Map<String, String> attributes) {
      if (!attributes.isEmpty()) {
        json.writeObjectPropertyStart("attributes");
        attributes.forEach(json::writeStringProperty);
        json.writeEndObject();
      }
    }

    private void number(String name, @Nullable Double value) {
      if (value == null) {
        return;
      }
      if (value == Math.rint(value) && value < 1e15) {
        json.writeNumberProperty(name, value.longValue());
      } else {
        json.writeNumberProperty(name, value);
      }
    }
  }
}
