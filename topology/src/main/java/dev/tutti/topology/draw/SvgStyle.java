package dev.tutti.topology.draw;

import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.NodeKind;
import java.util.List;
import java.util.Locale;

/// The style sheet of an SVG and the text of its paths.
final class SvgStyle {
  private static final String FIXED =
      """
      text{font-family:"Inter","Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
      .line{fill:none;stroke-linecap:round}
      .dashed{stroke-dasharray:6 4;stroke-linecap:butt}
      .items text,.head{pointer-events:none}
      .name{font-weight:600}
      .head{font-size:14px;paint-order:stroke;stroke-width:4px;stroke-linejoin:round;white-space:pre}
      .head .sub{font-size:11px}
      .head .times,.times{font-size:12px;font-weight:700}
      .box{stroke-width:1.2}
      .frame-group{stroke-width:1.2;stroke-dasharray:2 3}
      .frame-host,.frame-area,.stack{stroke-width:1}
      .ill{stroke-width:2.6;stroke-dasharray:none}
      .alarm{font-weight:700}
      .title{font-size:20px;font-weight:700}
      .summary{font-size:12px}
      .caption.alarm{font-size:12px}
      .caption.head{font-size:11px;font-weight:700;stroke:none}
      .legend .legend{font-size:11px}
      """;

  private SvgStyle() {}

  static String css(Theme theme) {
    StringBuilder css = new StringBuilder("\n").append(FIXED);
    css.append(colors(theme));
    if (theme == Theme.LIGHT) {
      css.append("@media screen and (prefers-color-scheme: dark){\n");
      css.append(colors(Theme.DARK)).append("}\n");
    }
    return css.toString();
  }

  private static String colors(Theme theme) {
    StringBuilder css = new StringBuilder();
    rule(css, ".paper", "fill", theme.background());
    rule(css, "text", "fill", theme.ink());
    rule(css, ".sub,.summary,.legend .legend", "fill", theme.faint());
    rule(css, ".head", "stroke", theme.frame());
    rule(css, ".frame-group", "fill", theme.background());
    rule(css, ".frame-host", "fill", theme.frame());
    rule(css, ".frame-area", "fill", theme.area());
    rule(css, ".frame-group,.frame-host,.frame-area,.stack", "stroke", theme.border());
    for (NodeKind kind : NodeKind.values()) {
      rule(css, "." + kind.label() + " .box,." + kind.label() + ".stack", "fill", theme.fill(kind));
      rule(css, "." + kind.label() + " .box", "stroke", theme.edge(kind));
    }
    rule(css, ".pill", "fill", theme.background());
    for (LinkHealth health : LinkHealth.values()) {
      String name = "." + css(health);
      rule(css, name, "stroke", theme.link(health));
      rule(css, ".item .ill" + name, "stroke", theme.link(health));
      rule(css, ".head" + name + ",.pill" + name, "fill", theme.link(health));
    }
    rule(css, ".glow", "stroke", theme.cut());
    for (int i = 0; i < Theme.ways().size(); i++) {
      rule(css, ".w" + i + " .line", "stroke", Theme.way(i));
      rule(css, ".w" + i + " .tip", "fill", Theme.way(i));
    }
    rule(css, ".labels .alarm", "fill", theme.background());
    rule(css, ".caption.alarm", "fill", theme.link(LinkHealth.BELOW_50));
    rule(css, ".caption.head", "stroke", "none");
    return css.toString();
  }

  private static void rule(StringBuilder css, String selector, String property, String value) {
    css.append(selector).append('{').append(property).append(':').append(value).append("}\n");
  }

  static String css(LinkHealth health) {
    return "h-" + health.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String path(Connector.Shape shape, List<Point> points) {
    StringBuilder path = new StringBuilder("M").append(point(points.getFirst()));
    for (Curves.Piece piece : Curves.pieces(shape, points)) {
      if (piece.isStraight()) {
        path.append('L').append(point(piece.to()));
      } else {
        path.append('Q').append(point(piece.control())).append(' ').append(point(piece.to()));
      }
    }
    return path.toString();
  }

  private static String point(Point point) {
    return number(point.x()) + " " + number(point.y());
  }

  /// Returns a number with one decimal at most.
  static String number(double value) {
    double rounded = Math.rint(value * 10) / 10;
    return rounded == Math.rint(rounded) ? String.valueOf((long) rounded) : String.valueOf(rounded);
  }
}
