package dev.tutti.topology.format;

import dev.tutti.topology.Link;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.Topology;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/// GraphML, for yEd, Gephi, NetworkX and igraph: every link an edge, every number a typed key, a
/// nested graph for each node that has others inside.
public final class GraphMl implements TopologyWriter {
  /// The format's name.
  public static final String NAME = "graphml";

  private static final String NAMESPACE = "http://graphml.graphdrawing.org/xmlns";

  /// Makes a writer.
  public GraphMl() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "for yEd, Gephi, NetworkX, igraph";
  }

  @Override
  public void write(Topology topology, OutputStream out) throws IOException {
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out, "UTF-8");
      new Emitter(topology, xml).emit();
      xml.flush();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException("cannot write GraphML: " + e.getMessage(), e);
    }
  }

  /// What a key says: of what, its name, the type of its values.
  private record Key(String owner, String name, String type) {}

  private static final class Emitter {
    private final Topology topology;
    private final XMLStreamWriter xml;
    private final Map<Key, String> keys = new LinkedHashMap<>();
    private final Map<String, String> ids = new LinkedHashMap<>();

    Emitter(Topology topology, XMLStreamWriter xml) {
      this.topology = topology;
      this.xml = xml;
      // Ids must be XML names, which `alder/gpu3` is not: they are numbered, the id is a key.
      topology.nodes().forEach(node -> ids.put(node.id(), "n" + ids.size()));
      collectKeys();
    }

    private void collectKeys() {
      key("graph", "name", "string");
      topology.attributes().keySet().forEach(name -> key("graph", "attribute." + name, "string"));
      for (String name : new String[] {"id", "kind", "name", "ranks"}) {
        key("node", name, "string");
      }
      topology
          .nodes()
          .forEach(node ->
              node.attributes()
                  .keySet()
                  .forEach(name -> key("node", "attribute." + name, "string")));
      key("edge", "kind", "string");
      key("edge", "lanes", "int");
      for (String name :
          new String[] {
            "bytesPerSecond",
            "latencySeconds",
            "measuredBytesPerSecond",
            "measuredLowBytesPerSecond",
            "measuredHighBytesPerSecond",
            "measuredLatencySeconds"
          }) {
        key("edge", name, "double");
      }
      key("edge", "origin", "string");
      topology
          .links()
          .forEach(link ->
              link.attributes()
                  .keySet()
                  .forEach(name -> key("edge", "attribute." + name, "string")));
    }

    private void key(String owner, String name, String type) {
      keys.putIfAbsent(new Key(owner, name, type), "k" + keys.size());
    }

    void emit() throws XMLStreamException {
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.setDefaultNamespace(NAMESPACE);
      xml.writeStartElement(NAMESPACE, "graphml");
      xml.writeDefaultNamespace(NAMESPACE);
      for (Map.Entry<Key, String> key : keys.entrySet()) {
        newLine(1);
        xml.writeEmptyElement(NAMESPACE, "key");
        xml.writeAttribute("id", key.getValue());
        xml.writeAttribute("for", key.getKey().owner());
        xml.writeAttribute("attr.name", XmlText.clean(key.getKey().name()));
        xml.writeAttribute("attr.type", key.getKey().type());
      }
      graph("topology", 1);
      data("graph", "name", "string", topology.name(), 2);
      attributes("graph", topology.attributes(), 2);
      for (Node node : topology.roots()) {
        node(node, 2);
      }
      int number = 0;
      for (Link link : topology.links()) {
        edge(link, "e" + number++);
      }
      end(1);
      newLine(0);
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.writeCharacters("\n");
    }

    private void graph(String id, int depth) throws XMLStreamException {
      newLine(depth);
      xml.writeStartElement(NAMESPACE, "graph");
      xml.writeAttribute("id", id);
      xml.writeAttribute("edgedefault", "directed");
    }

    private void node(Node node, int depth) throws XMLStreamException {
      String id = number(node.id());
      newLine(depth);
      xml.writeStartElement(NAMESPACE, "node");
      xml.writeAttribute("id", id);
      data("node", "id", "string", node.id(), depth + 1);
      data("node", "kind", "string", node.kind().label(), depth + 1);
      data("node", "name", "string", node.name(), depth + 1);
      String ranks =
          topology.ranksOn(node.id()).stream()
              .map(String::valueOf)
              .collect(Collectors.joining(" "));
      data("node", "ranks", "string", ranks.isEmpty() ? null : ranks, depth + 1);
      attributes("node", node.attributes(), depth + 1);
      if (!topology.children(node.id()).isEmpty()) {
        graph(id + "g", depth + 1);
        for (Node child : topology.children(node.id())) {
          node(child, depth + 2);
        }
        end(depth + 1);
      }
      end(depth);
    }

    private void edge(Link link, String id) throws XMLStreamException {
      newLine(2);
      xml.writeStartElement(NAMESPACE, "edge");
      xml.writeAttribute("id", id);
      xml.writeAttribute("source", number(link.from()));
      xml.writeAttribute("target", number(link.to()));
      data("edge", "kind", "string", link.kind().label(), 3);
      data("edge", "lanes", "int", link.lanes() == 0 ? null : link.lanes(), 3);
      data("edge", "bytesPerSecond", "double", link.capacityBytesPerSecond(), 3);
      data("edge", "latencySeconds", "double", link.latencySeconds(), 3);
      Measurement measured = link.measured();
      if (measured != null) {
        data("edge", "measuredBytesPerSecond", "double", measured.bytesPerSecond(), 3);
        data("edge", "measuredLowBytesPerSecond", "double", measured.lowBytesPerSecond(), 3);
        data("edge", "measuredHighBytesPerSecond", "double", measured.highBytesPerSecond(), 3);
        data("edge", "measuredLatencySeconds", "double", measured.latencySeconds(), 3);
      }
      data("edge", "origin", "string", link.origin(), 3);
      attributes("edge", link.attributes(), 3);
      end(2);
    }

    private void attributes(String owner, Map<String, String> attributes, int depth)
        throws XMLStreamException {
      for (Map.Entry<String, String> attribute : attributes.entrySet()) {
        data(owner, "attribute." + attribute.getKey(), "string", attribute.getValue(), depth);
      }
    }

    private void data(String owner, String name, String type, @Nullable Object value, int depth)
        throws XMLStreamException {
      if (value == null) {
        return;
      }
      newLine(depth);
      xml.writeStartElement(NAMESPACE, "data");
      String key = keys.get(new Key(owner, name, type));
      if (key == null) {
        throw new IllegalStateException("no key for " + owner + " " + name);
      }
      xml.writeAttribute("key", key);
      xml.writeCharacters(XmlText.clean(value.toString()));
      xml.writeEndElement();
    }

    private String number(String id) {
      return ids.getOrDefault(id, id);
    }

    private void end(int depth) throws XMLStreamException {
      newLine(depth);
      xml.writeEndElement();
    }

    private void newLine(int depth) throws XMLStreamException {
      xml.writeCharacters("\n" + "  ".repeat(depth));
    }
  }
}
