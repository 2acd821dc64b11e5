package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.draw.Overlay.Cut;
import dev.tutti.topology.draw.Overlay.Frame;
import dev.tutti.topology.draw.Overlay.Hop;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The data of a page as JSON. Nodes, boxes and links are named by their place in their list.
final class PageData {
  private static final int MOST_FINDINGS = 500;

  private final Topology topology;
  private final Drawing drawing;
  private final @Nullable Overlay overlay;
  private final StringWriter text = new StringWriter();
  private final JsonGenerator json =
      JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), text);
  private final Map<String, Integer> nodes = new HashMap<>();
  private final Map<String, Integer> boxes = new HashMap<>();
  private final IdentityHashMap<Link, Integer> links = new IdentityHashMap<>();

  private PageData(Topology topology, Drawing drawing, @Nullable Overlay overlay) {
    this.topology = topology;
    this.drawing = drawing;
    this.overlay = overlay;
    topology.nodes().forEach(node -> nodes.put(node.id(), nodes.size()));
    drawing.boxes().forEach(box -> boxes.put(box.id(), boxes.size()));
    topology.links().forEach(link -> links.put(link, links.size()));
  }

  static String json(Topology topology, Drawing drawing, @Nullable Overlay overlay) {
    return new PageData(topology, drawing, overlay).write();
  }

  private String write() {
    json.writeStartObject();
    json.writeStringProperty("title", topology.name());
    json.writeStringProperty("summary", Legend.summary(topology));
    json.writeStringProperty("state", Legend.state(topology));
    themes();
    list("kinds", List.of(LinkKind.values()), kind -> json.writeString(kind.display()));
    list("nodes", topology.nodes(), this::node);
    list("boxes", drawing.boxes(), this::box);
    list("links", topology.links(), this::link);
    list("connectors", drawing.connectors(), this::connector);
    list(
        "findings",
        Legend.slowest(
                topology.links().stream().filter(link -> LinkHealth.of(link).isIll()).toList())
            .stream()
            .limit(MOST_FINDINGS)
            .toList(),
        this::finding);
    if (overlay != null) {
      overlay(overlay);
    }
    json.writeEndObject();
    json.close();
    return text.toString();
  }

  private <T> void list(String name, Iterable<T> elements, java.util.function.Consumer<T> writer) {
    json.writeArrayPropertyStart(name);
    elements.forEach(writer);
    json.writeEndArray();
  }

  private void themes() {
    json.writeObjectPropertyStart("themes");
    for (Theme theme : Theme.values()) {
      json.writeObjectPropertyStart(theme.name().toLowerCase(Locale.ROOT));
      json.writeStringProperty("background", theme.background());
      json.writeStringProperty("ink", theme.ink());
      json.writeStringProperty("faint", theme.faint());
      json.writeStringProperty("frame", theme.frame());
      json.writeStringProperty("border", theme.border());
      json.writeStringProperty("area", theme.area());
      json.writeObjectPropertyStart("fill");
      for (NodeKind kind : NodeKind.values()) {
        json.writeStringProperty(kind.label(), theme.fill(kind));
      }
      json.writeEndObject();
      json.writeObjectPropertyStart("edge");
      for (NodeKind kind : NodeKind.values()) {
        json.writeStringProperty(kind.label(), theme.edge(kind));
      }
      json.writeEndObject();
      json.writeObjectPropertyStart("link");
      for (LinkHealth health : LinkHealth.values()) {
        json.writeStringProperty(name(health), theme.link(health));
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndObject();
    list("ways", Theme.ways(), json::writeString);
    json.writeObjectPropertyStart("health");
    for (LinkHealth health : LinkHealth.values()) {
      json.writeStringProperty(name(health), health.display());
    }
    json.writeEndObject();
  }

  private static String name(LinkHealth health) {
    return health.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void node(Node node) {
    json.writeStartObject();
    json.writeStringProperty("id", node.id());
    json.writeStringProperty("name", node.name());
    json.writeStringProperty("kind", node.kind().label());
    List<Integer> ranks = topology.ranksOn(node.id());
    if (!ranks.isEmpty()) {
      json.writeArrayPropertyStart("ranks");
      ranks.forEach(json::writeNumber);
      json.writeEndArray();
    }
    if (!node.attributes().isEmpty()) {
      json.writeObjectPropertyStart("attributes");
      node.attributes().forEach(json::writeStringProperty);
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private void box(Box box) {
    json.writeStartObject();
    json.writeStringProperty("kind", box.kind().label());
    json.writeStringProperty("role", box.role().name().toLowerCase(Locale.ROOT));
    json.writeStringProperty("title", box.title());
    json.writeStringProperty("label", box.label(false));
    json.writeStringProperty("sub", box.subtitle());
    json.writeStringProperty("health", name(box.health()));
    json.writeNumberProperty("size", Math.rint(box.textSize() * 10) / 10);
    Rectangle bounds = box.bounds();
    json.writeArrayPropertyStart("at");
    number(bounds.x());
    number(bounds.y());
    number(bounds.width());
    number(bounds.height());
    json.writeEndArray();
    if (box.parent() != null) {
      json.writeNumberProperty("parent", boxes.getOrDefault(box.parent(), -1));
    }
    json.writeArrayPropertyStart("nodes");
    box.nodes().forEach(id -> json.writeNumber(nodes.getOrDefault(id, -1)));
    json.writeEndArray();
    if (box.role() == Box.Role.HOST || box.role() == Box.Role.GROUP) {
      Point at = FrameTitle.of(box, false, drawing.connectorsAt(box.id())).at();
      json.writeArrayPropertyStart("titleAt");
      number(at.x());
      number(at.y());
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  /// From, to, kind, lanes, nominal bytes/s and seconds, measured bytes/s, its bounds and seconds,
  /// origin.
  private void link(Link link) {
    Measurement measured = link.measured();
    json.writeStartArray();
    json.writeNumber(nodes.getOrDefault(link.from(), -1));
    json.writeNumber(nodes.getOrDefault(link.to(), -1));
    json.writeNumber(link.kind().ordinal());
    json.writeNumber(link.lanes());
    optional(link.capacityBytesPerSecond());
    optional(link.latencySeconds());
    optional(measured == null ? null : Double.valueOf(measured.bytesPerSecond()));
    optional(measured == null ? null : measured.lowBytesPerSecond());
    optional(measured == null ? null : measured.highBytesPerSecond());
    optional(measured == null ? null : measured.latencySeconds());
    json.writeString(link.origin());
    json.writeEndArray();
  }

  private void connector(Connector connector) {
    json.writeStartObject();
    json.writeNumberProperty("from", boxes.getOrDefault(connector.from(), -1));
    json.writeNumberProperty("to", boxes.getOrDefault(connector.to(), -1));
    json.writeStringProperty("health", name(connector.health()));
    json.writeNumberProperty("width", Math.rint(connector.width() * 10) / 10);
    if (connector.oneWay()) {
      json.writeBooleanProperty("oneWay", true);
    }
    if (connector.isDashed()) {
      json.writeBooleanProperty("dashed", true);
    }
    if (connector.shape() == Connector.Shape.ELBOW) {
      json.writeBooleanProperty("elbow", true);
    }
    Connector.Label label = connector.label();
    if (label != null) {
      json.writeStringProperty("label", label.text());
    }
    points("points", connector.points());
    if (!connector.leads().isEmpty()) {
      json.writeArrayPropertyStart("leads");
      for (List<Point> lead : connector.leads()) {
        json.writeStartArray();
        lead.forEach(this::point);
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    json.writeArrayPropertyStart("links");
    connector.links().forEach(link -> json.writeNumber(links.getOrDefault(link, -1)));
    json.writeEndArray();
    json.writeEndObject();
  }

  private void points(String name, List<Point> points) {
    json.writeArrayPropertyStart(name);
    points.forEach(this::point);
    json.writeEndArray();
  }

  private void point(Point point) {
    number(point.x());
    number(point.y());
  }

  private void finding(Link link) {
    json.writeStartObject();
    json.writeNumberProperty("link", links.getOrDefault(link, -1));
    json.writeStringProperty("text", Legend.describe(topology, link));
    json.writeStringProperty("health", name(LinkHealth.of(link)));
    json.writeEndObject();
  }

  private void overlay(Overlay shown) {
    json.writeObjectPropertyStart("overlay");
    json.writeStringProperty("title", shown.title());
    list(
        "paths",
        shown.paths(),
        path -> {
          json.writeStartObject();
          json.writeStringProperty("label", path.label());
          list("hops", path.hops(), this::hop);
          json.writeEndObject();
        });
    list(
        "loads",
        shown.loads(),
        load -> {
          json.writeStartArray();
          ends(load.from(), load.to());
          json.writeNumber(load.bytes());
          json.writeNumber(load.busy());
          json.writeEndArray();
        });
    if (shown.cut() != null) {
      cut(shown.cut());
    }
    list("frames", shown.frames(), this::frame);
    json.writeEndObject();
  }

  private void cut(Cut cut) {
    json.writeObjectPropertyStart("cut");
    list("side", cut.side(), id -> json.writeNumber(nodes.getOrDefault(id, -1)));
    list("links", cut.links(), this::hop);
    json.writeNumberProperty("bytesPerSecond", cut.bytesPerSecond());
    json.writeStringProperty("note", cut.note());
    json.writeEndObject();
  }

  private void frame(Frame frame) {
    json.writeStartObject();
    json.writeNumberProperty("start", frame.startSeconds());
    json.writeNumberProperty("end", frame.endSeconds());
    list(
        "moves",
        frame.transfers(),
        move -> {
          json.writeStartArray();
          ends(move.from(), move.to());
          json.writeNumber(move.bytes());
          json.writeString(move.label());
          json.writeEndArray();
        });
    json.writeEndObject();
  }

  private void hop(Hop hop) {
    json.writeStartArray();
    ends(hop.from(), hop.to());
    json.writeEndArray();
  }

  private void ends(String from, String to) {
    json.writeNumber(nodes.getOrDefault(from, -1));
    json.writeNumber(nodes.getOrDefault(to, -1));
  }

  private void number(double value) {
    double rounded = Math.rint(value * 10) / 10;
    if (rounded == Math.rint(rounded)) {
      json.writeNumber((long) rounded);
    } else {
      json.writeNumber(rounded);
    }
  }

  private void optional(@Nullable Double value) {
    if (value == null) {
      json.writeNull();
    } else if (value == Math.rint(value) && value < 1e15) {
      json.writeNumber(value.longValue());
    } else {
      json.writeNumber(value);
    }
  }
}
