package dev.tutti.topology.draw;

import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.NodeKind;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;

/// Paints a drawing with Java2D, in the order in which [Svg] writes it.
final class Painter {
  private static final float[] DASHES = {6, 4};
  private static final float[] DOTS = {2, 3};

  private final Drawing drawing;
  private final Theme theme;

  Painter(Drawing drawing, Theme theme) {
    this.drawing = drawing;
    this.theme = theme;
  }

  BufferedImage paint(double scale) {
    int width = (int) Math.ceil(drawing.width() * scale);
    int height = (int) Math.ceil(drawing.height() * scale);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.setRenderingHint(
          RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
      graphics.setColor(Png.color(theme.background()));
      graphics.fillRect(0, 0, width, height);
      graphics.scale(scale, scale);
      paint(graphics);
    } finally {
      graphics.dispose();
    }
    return image;
  }

  private void paint(Graphics2D graphics) {
    frames(graphics, Box.Role.GROUP);
    lines(graphics, drawing.connectors().stream().filter(Connector::goesBeneath).toList());
    frames(graphics, Box.Role.HOST);
    frames(graphics, Box.Role.AREA);
    for (Connector connector : drawing.connectors()) {
      for (List<Point> lead : connector.leads()) {
        stroke(graphics, connector, lead);
      }
    }
    lines(graphics, drawing.connectors().stream().filter(line -> !line.goesBeneath()).toList());
    drawing.boxes().stream()
        .filter(box -> box.role() == Box.Role.ITEM)
        .forEach(box -> item(graphics, box));
    drawing.ways().forEach(way -> way(graphics, way));
    drawing.boxes().stream()
        .filter(box -> box.role() == Box.Role.HOST || box.role() == Box.Role.GROUP)
        .forEach(box -> title(graphics, box));
    drawing.connectors().forEach(connector -> label(graphics, connector));
    legend(graphics);
  }

  private void frames(Graphics2D graphics, Box.Role role) {
    for (Box box : drawing.boxes()) {
      if (box.role() == role) {
        Color fill =
            Png.color(
                switch (role) {
                  case GROUP -> theme.background();
                  case HOST -> theme.frame();
                  default -> theme.area();
                });
        shadows(graphics, box, fill, Png.color(theme.border()), 10);
        frame(graphics, box, role, fill);
      }
    }
  }

  private void frame(Graphics2D graphics, Box box, Box.Role role, Color fill) {
    Shape shape = round(box.bounds(), 10);
    graphics.setColor(fill);
    graphics.fill(shape);
    boolean ill = box.health().isIll();
    graphics.setColor(ill ? Png.color(theme, box.health()) : Png.color(theme.border()));
    boolean dotted = role == Box.Role.GROUP && !ill;
    graphics.setStroke(stroke(ill ? 2.6 : 1, dotted ? DOTS : null));
    graphics.draw(shape);
  }

  private void shadows(Graphics2D graphics, Box box, Color fill, Color edge, double corner) {
    for (int i = Math.min(2, box.alike() - 1); i > 0 && drawing.isStack(box); i--) {
      Rectangle bounds = box.bounds();
      Rectangle behind =
          new Rectangle(bounds.x() + 4 * i, bounds.y() - 4 * i, bounds.width(), bounds.height());
      graphics.setColor(fill);
      graphics.fill(round(behind, corner));
      graphics.setColor(edge);
      graphics.setStroke(stroke(1, null));
      graphics.draw(round(behind, corner));
    }
  }

  private void lines(Graphics2D graphics, List<Connector> connectors) {
    for (boolean ill : new boolean[] {false, true}) {
      for (Connector connector : connectors) {
        if (connector.health().isIll() == ill) {
          glow(graphics, connector);
          stroke(graphics, connector, connector.points());
          if (connector.oneWay()) {
            head(graphics, Curves.head(connector));
          }
        }
      }
    }
  }

  private void stroke(Graphics2D graphics, Connector connector, List<Point> points) {
    graphics.setColor(Png.color(theme, connector.health()));
    graphics.setStroke(stroke(connector.width(), connector.isDashed() ? DASHES : null));
    graphics.draw(path(connector.shape(), points));
  }

  private static Path2D path(Connector.Shape shape, List<Point> points) {
    Path2D path = new Path2D.Double();
    path.moveTo(points.getFirst().x(), points.getFirst().y());
    for (Curves.Piece piece : Curves.pieces(shape, points)) {
      path.quadTo(piece.control().x(), piece.control().y(), piece.to().x(), piece.to().y());
    }
    return path;
  }

  private void glow(Graphics2D graphics, Connector connector) {
    if (drawing.crossing().contains(connector.id())) {
      graphics.setColor(Png.color(theme.cut()));
      graphics.setStroke(stroke(connector.width() + 9, null));
      graphics.draw(path(connector.shape(), connector.points()));
    }
  }

  private static void way(Graphics2D graphics, Drawing.Way way) {
    graphics.setColor(Png.color(Theme.way(way.color())));
    graphics.setStroke(stroke(Drawing.WAY_WIDTH, null));
    for (List<Point> arc : way.arcs()) {
      graphics.draw(path(Connector.Shape.CURVE, arc));
      if (arc.size() > 2) {
        head(graphics, Curves.head(Connector.Shape.CURVE, arc, Drawing.WAY_WIDTH));
      }
    }
  }

  private static void head(Graphics2D graphics, List<Point> corners) {
    Path2D path = new Path2D.Double();
    path.moveTo(corners.get(0).x(), corners.get(0).y());
    path.lineTo(corners.get(1).x(), corners.get(1).y());
    path.lineTo(corners.get(2).x(), corners.get(2).y());
    path.closePath();
    graphics.fill(path);
  }

  private void item(Graphics2D graphics, Box box) {
    double corner = box.kind() == NodeKind.NETWORK ? 18 : 6;
    Color fill = Png.color(theme.fill(box.kind()));
    Color edge = Png.color(theme.edge(box.kind()));
    shadows(graphics, box, fill, edge, corner);
    graphics.setColor(fill);
    graphics.fill(round(box.bounds(), corner));
    boolean ill = box.health().isIll();
    graphics.setColor(ill ? Png.color(theme, box.health()) : edge);
    graphics.setStroke(stroke(ill ? 2.6 : 1.2, null));
    graphics.draw(round(box.bounds(), corner));
    Point center = box.bounds().center();
    double room = box.bounds().width() - 8;
    double size = box.textSize();
    boolean two = !box.subtitle().isEmpty() && box.bounds().height() > 30;
    double y = center.y() + (two ? -2 : size * 0.36);
    String label = box.label(drawing.isStack(box));
    words(graphics, label, center.x(), y, font(size, true), theme.ink());
    if (two) {
      String subtitle = Sizes.fit(box.subtitle(), 10, room);
      words(graphics, subtitle, center.x(), y + 14, font(10, false), theme.faint());
    }
  }

  private void title(Graphics2D graphics, Box box) {
    FrameTitle title = FrameTitle.of(box, drawing.isStack(box), drawing.connectors());
    double x = title.at().x();
    double width = Sizes.textWidth(title.name(), 14);
    graphics.setColor(Png.color(box.role() == Box.Role.HOST ? theme.frame() : theme.background()));
    graphics.fill(round(new Rectangle(x - 2, title.at().y() - 13, width, 17), 3));
    x = text(graphics, title.name(), x, title.at().y(), font(14, true), theme.ink());
    x = text(graphics, title.times(), x, title.at().y(), font(12, true), theme.ink());
    text(graphics, title.rest(), x, title.at().y(), font(11, false), theme.faint());
  }

  private void label(Graphics2D graphics, Connector connector) {
    Connector.Label label = connector.label();
    if (label == null) {
      return;
    }
    double width = LineLabels.width(label.text());
    Point at = label.center();
    boolean ill = connector.health().isIll();
    graphics.setColor(ill ? Png.color(theme, connector.health()) : Png.color(theme.background()));
    graphics.fill(round(new Rectangle(at.x() - width / 2, at.y() - 8, width, 16), 8));
    words(
        graphics,
        label.text(),
        at.x(),
        at.y() + 3.6,
        font(LineLabels.SIZE, ill),
        ill ? theme.background() : theme.faint());
  }

  private void legend(Graphics2D graphics) {
    for (Drawing.Sample sample : drawing.samples()) {
      graphics.setColor(Png.color(theme, sample.health()));
      graphics.setStroke(stroke(sample.width(), sample.dashed() ? DASHES : null));
      Path2D path = new Path2D.Double();
      path.moveTo(sample.from().x(), sample.from().y());
      path.lineTo(sample.to().x(), sample.to().y());
      graphics.draw(path);
    }
    for (Drawing.Caption caption : drawing.captions()) {
      Drawing.Style style = caption.style();
      String color =
          switch (style) {
            case TITLE, HEAD -> theme.ink();
            case ALARM -> theme.link(LinkHealth.BELOW_50);
            default -> theme.faint();
          };
      Font font = font(style.size(), style.isBold());
      text(graphics, caption.text(), caption.at().x(), caption.at().y(), font, color);
    }
  }

  private static void words(
      Graphics2D graphics, String text, double x, double y, Font font, String color) {
    double width = graphics.getFontMetrics(font).stringWidth(text);
    text(graphics, text, x - width / 2, y, font, color);
  }

  private static double text(
      Graphics2D graphics, String text, double x, double y, Font font, String color) {
    graphics.setFont(font);
    graphics.setColor(Png.color(color));
    graphics.drawString(text, (float) x, (float) y);
    return x + graphics.getFontMetrics(font).stringWidth(text);
  }

  private static Font font(double size, boolean bold) {
    return new Font(Font.SANS_SERIF, bold ? Font.BOLD : Font.PLAIN, 1).deriveFont((float) size);
  }

  private static Shape round(Rectangle bounds, double corner) {
    return new RoundRectangle2D.Double(
        bounds.x(), bounds.y(), bounds.width(), bounds.height(), corner * 2, corner * 2);
  }

  private static BasicStroke stroke(
      double width, float @org.jspecify.annotations.Nullable [] dashes) {
    int cap = dashes == null ? BasicStroke.CAP_ROUND : BasicStroke.CAP_BUTT;
    return new BasicStroke((float) width, cap, BasicStroke.JOIN_ROUND, 10, dashes, 0);
  }
}
