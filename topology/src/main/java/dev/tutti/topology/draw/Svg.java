package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.TopologyWriter;
import dev.tutti.topology.format.XmlText;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// A picture for screen and print as SVG. It follows the reader's light or dark mode on a screen,
/// is light on paper, and tells screen readers what it shows.
public final class Svg implements TopologyWriter {
  /// The format's name.
  public static final String NAME = "svg";

  private final DrawingOptions options;

  /// Makes a writer with standard options.
  public Svg() {
    this(DrawingOptions.standard());
  }

  /// Makes a writer.
  public Svg(DrawingOptions options) {
    this.options = Objects.requireNonNull(options, "options");
  }

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "a picture for screen and print";
  }

  @Override
  public void write(Topology topology, OutputStream out) throws IOException {
    write(TopologyLayout.layout(topology, options), out);
  }

  /// Writes a drawing. The stream stays open.
  ///
  /// @throws IOException if the stream fails
  public void write(Drawing drawing, OutputStream out) throws IOException {
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out, "UTF-8");
      new Emitter(drawing, xml).emit();
      xml.flush();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException("cannot write SVG: " + e.getMessage(), e);
    }
  }

  private final class Emitter {
    private final Drawing drawing;
    private final XMLStreamWriter xml;

    Emitter(Drawing drawing, XMLStreamWriter xml) {
      this.drawing = drawing;
      this.xml = xml;
    }

    void emit() throws XMLStreamException {
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("svg");
      xml.writeDefaultNamespace("http://www.w3.org/2000/svg");
      attributes(
          "viewBox",
          "0 0 " + number(drawing.width()) + " " + number(drawing.height()),
          "width",
          number(drawing.width()),
          "height",
          number(drawing.height()),
          "role",
          "img",
          "aria-labelledby",
          "title description");
      text("title", drawing.title(), "id", "title");
      text("desc", drawing.description(), "id", "description");
      text("style", SvgStyle.css(options.theme()));
      empty("rect", "class", "paper", "width", "100%", "height", "100%");
      frames(Box.Role.GROUP);
      lines("beneath", drawing.connectors().stream().filter(Connector::goesBeneath).toList());
      frames(Box.Role.HOST);
      frames(Box.Role.AREA);
      leads();
      lines("inside", drawing.connectors().stream().filter(one -> !one.goesBeneath()).toList());
      start("g", "class", "items");
      for (Box box : drawing.boxes()) {
        if (box.role() == Box.Role.ITEM) {
          item(box);
        }
      }
      end();
      ways();
      titles();
      labels();
      legend();
      end();
      xml.writeEndDocument();
    }

    private void frames(Box.Role role) throws XMLStreamException {
      for (Box box : drawing.boxes()) {
        if (box.role() == role) {
          shadows(box, "frame-host");
          String ill = box.health().isIll() ? " ill " + css(box.health()) : "";
          String style = "frame-" + role.name().toLowerCase(Locale.ROOT);
          rectangle(box.bounds(), style + ill, 10);
        }
      }
    }

    /// Two more edges behind a box that stands for several.
    private void shadows(Box box, String style) throws XMLStreamException {
      for (int i = Math.min(2, box.alike() - 1); i > 0 && drawing.isStack(box); i--) {
        Rectangle bounds = box.bounds();
        Rectangle behind =
            new Rectangle(bounds.x() + 4 * i, bounds.y() - 4 * i, bounds.width(), bounds.height());
        rectangle(behind, style + " stack", box.role() == Box.Role.ITEM ? 6 : 10);
      }
    }

    private void lines(String group, List<Connector> connectors) throws XMLStreamException {
      start("g", "class", group);
      // The ill ones last: nothing covers them.
      for (boolean ill : new boolean[] {false, true}) {
        for (Connector connector : connectors) {
          if (connector.health().isIll() == ill) {
            line(connector);
          }
        }
      }
      end();
    }

    private void line(Connector connector) throws XMLStreamException {
      if (drawing.crossing().contains(connector.id())) {
        glow(connector);
      }
      start(
          "path",
          "class",
          "line " + css(connector.health()) + (connector.isDashed() ? " dashed" : ""),
          "stroke-width",
          number(connector.width()),
          "d",
          SvgStyle.path(connector.shape(), connector.points()));
      text("title", tooltip(connector));
      end();
      if (connector.oneWay()) {
        arrow(connector);
      }
    }

    private void glow(Connector connector) throws XMLStreamException {
      empty(
          "path",
          "class",
          "line glow",
          "stroke-width",
          number(connector.width() + 9),
          "d",
          SvgStyle.path(connector.shape(), connector.points()));
    }

    private void arrow(Connector connector) throws XMLStreamException {
      polygon("head " + css(connector.health()), Curves.head(connector));
    }

    private void polygon(String style, List<Point> points) throws XMLStreamException {
      StringBuilder corners = new StringBuilder();
      for (Point corner : points) {
        corners.append(number(corner.x())).append(',').append(number(corner.y())).append(' ');
      }
      empty("polygon", "class", style, "points", corners.toString().strip());
    }

    private void ways() throws XMLStreamException {
      start("g", "class", "ways");
      for (Drawing.Way way : drawing.ways()) {
        start("g", "class", "way w" + way.color() % Theme.ways().size());
        text("title", way.label());
        for (List<Point> arc : way.arcs()) {
          empty(
              "path",
              "class",
              "line",
              "stroke-width",
              number(Drawing.WAY_WIDTH),
              "d",
              SvgStyle.path(Connector.Shape.CURVE, arc));
          if (arc.size() > 2) {
            polygon("tip", Curves.head(Connector.Shape.CURVE, arc, Drawing.WAY_WIDTH));
          }
        }
        end();
      }
      end();
    }

    private void leads() throws XMLStreamException {
      start("g", "class", "leads");
      for (Connector connector : drawing.connectors()) {
        for (List<Point> lead : connector.leads()) {
          empty(
              "path",
              "class",
              "line " + css(connector.health()) + (connector.isDashed() ? " dashed" : ""),
              "stroke-width",
              number(connector.width()),
              "d",
              SvgStyle.path(connector.shape(), lead));
        }
      }
      end();
    }

    private void item(Box box) throws XMLStreamException {
      start("g", "class", "item " + box.kind().label());
      text("title", box.title() + " (" + box.kind().label() + ") " + box.subtitle());
      shadows(box, box.kind().label());
      String ill = box.health().isIll() ? " ill " + css(box.health()) : "";
      rectangle(box.bounds(), "box" + ill, box.kind() == NodeKind.NETWORK ? 18 : 6);
      Point center = box.bounds().center();
      double room = box.bounds().width() - 8;
      double size = box.textSize();
      boolean two = !box.subtitle().isEmpty() && box.bounds().height() > 30;
      double y = center.y() + (two ? -2 : size * 0.36);
      words(box.label(drawing.isStack(box)), center.x(), y, "name", size);
      if (two) {
        words(Sizes.fit(box.subtitle(), 10, room), center.x(), y + 14, "sub", 10);
      }
      end();
    }

    private void titles() throws XMLStreamException {
      for (Box box : drawing.boxes()) {
        boolean titled = box.role() == Box.Role.HOST || box.role() == Box.Role.GROUP;
        if (!titled) {
          continue;
        }
        FrameTitle title = FrameTitle.of(box, drawing.isStack(box), drawing.connectors());
        String y = number(title.at().y());
        start("text", "x", number(title.at().x()), "y", y, "class", "head");
        text("tspan", title.name(), "class", "name");
        text("tspan", title.times(), "class", "times");
        text("tspan", title.rest(), "class", "sub");
        end();
      }
    }

    private void labels() throws XMLStreamException {
      start("g", "class", "labels");
      for (Connector connector : drawing.connectors()) {
        Connector.Label label = connector.label();
        if (label != null) {
          double width = LineLabels.width(label.text());
          Point at = label.center();
          boolean ill = connector.health().isIll();
          rectangle(
              new Rectangle(at.x() - width / 2, at.y() - 8, width, 16),
              ill ? "pill " + css(connector.health()) : "pill",
              8);
          words(label.text(), at.x(), at.y() + 3.6, ill ? "alarm" : "sub", LineLabels.SIZE);
        }
      }
      end();
    }

    private void legend() throws XMLStreamException {
      start("g", "class", "legend");
      for (Drawing.Sample sample : drawing.samples()) {
        empty(
            "path",
            "class",
            "line " + css(sample.health()) + (sample.dashed() ? " dashed" : ""),
            "stroke-width",
            number(sample.width()),
            "d",
            SvgStyle.path(Connector.Shape.CURVE, List.of(sample.from(), sample.to())));
      }
      for (Drawing.Caption caption : drawing.captions()) {
        text(
            "text",
            caption.text(),
            "class",
            "caption " + caption.style().name().toLowerCase(Locale.ROOT),
            "x",
            number(caption.at().x()),
            "y",
            number(caption.at().y()));
      }
      end();
    }

    private void rectangle(Rectangle bounds, String style, double corner)
        throws XMLStreamException {
      empty(
          "rect",
          "class",
          style,
          "x",
          number(bounds.x()),
          "y",
          number(bounds.y()),
          "width",
          number(bounds.width()),
          "height",
          number(bounds.height()),
          "rx",
          number(corner));
    }

    private void words(String text, double x, double y, String style, double size)
        throws XMLStreamException {
      text(
          "text",
          text,
          "class",
          style,
          "x",
          number(x),
          "y",
          number(y),
          "font-size",
          number(size),
          "text-anchor",
          "middle");
    }

    private void start(String name, String... attributes) throws XMLStreamException {
      xml.writeCharacters("\n");
      xml.writeStartElement(name);
      attributes(attributes);
    }

    private void empty(String name, String... attributes) throws XMLStreamException {
      xml.writeCharacters("\n");
      xml.writeEmptyElement(name);
      attributes(attributes);
    }

    private void text(String name, String text, String... attributes) throws XMLStreamException {
      xml.writeStartElement(name);
      attributes(attributes);
      xml.writeCharacters(XmlText.clean(text));
      xml.writeEndElement();
    }

    private void attributes(String... attributes) throws XMLStreamException {
      for (int i = 0; i < attributes.length; i += 2) {
        xml.writeAttribute(attributes[i], XmlText.clean(attributes[i + 1]));
      }
    }

    private void end() throws XMLStreamException {
      xml.writeEndElement();
    }
  }

  private static String css(LinkHealth health) {
    return SvgStyle.css(health);
  }

  private static String number(double value) {
    return SvgStyle.number(value);
  }

  private static String tooltip(Connector connector) {
    Link link = connector.links().getFirst();
    StringBuilder text = new StringBuilder(connector.kind().display());
    text.append(' ').append(link.from()).append(connector.oneWay() ? " → " : " ↔ ");
    text.append(link.to()).append(": ").append(Quantities.rate(link.capacityBytesPerSecond()));
    if (link.measured() != null) {
      text.append(", measured ").append(Quantities.rate(link.measured().bytesPerSecond()));
    }
    int count = connector.pairs() * connector.cables();
    return count > 1
        ? text.append(" (").append(count).append(" like this)").toString()
        : text.toString();
  }
}
