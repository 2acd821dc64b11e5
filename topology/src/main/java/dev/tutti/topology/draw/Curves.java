package dev.tutti.topology.draw;

import dev.tutti.topology.draw.Connector.Shape;
import java.util.ArrayList;
import java.util.List;

/// The geometry of lines, the same for every writer.
final class Curves {
  private static final double CORNER = 7;

  private Curves() {}

  /// A piece of a line: a quadratic Bézier curve.
  record Piece(Point from, Point control, Point to) {
    Point at(double t) {
      double s = 1 - t;
      return new Point(
          s * s * from.x() + 2 * s * t * control.x() + t * t * to.x(),
          s * s * from.y() + 2 * s * t * control.y() + t * t * to.y());
    }

    boolean isStraight() {
      return Math.abs(
              (to.x() - from.x()) * (control.y() - from.y())
                  - (to.y() - from.y()) * (control.x() - from.x()))
          < 0.01;
    }
  }

  /// Returns the pieces of a line.
  static List<Piece> pieces(Shape shape, List<Point> points) {
    if (points.size() == 2) {
      Point middle = points.getFirst().middle(points.getLast());
      return List.of(new Piece(points.getFirst(), middle, points.getLast()));
    }
    return shape == Shape.ELBOW ? elbow(points) : curve(points);
  }

  private static List<Piece> curve(List<Point> points) {
    List<Piece> pieces = new ArrayList<>();
    Point from = points.getFirst();
    for (int i = 1; i < points.size() - 1; i++) {
      boolean last = i == points.size() - 2;
      Point to = last ? points.getLast() : points.get(i).middle(points.get(i + 1));
      if (!from.equals(to)) {
        pieces.add(new Piece(from, points.get(i), to));
      }
      from = to;
    }
    return pieces;
  }

  private static List<Piece> elbow(List<Point> points) {
    List<Piece> pieces = new ArrayList<>();
    Point from = points.getFirst();
    for (int i = 1; i < points.size() - 1; i++) {
      Point corner = points.get(i);
      Point before = towards(corner, points.get(i - 1));
      Point after = towards(corner, points.get(i + 1));
      pieces.add(new Piece(from, from.middle(before), before));
      pieces.add(new Piece(before, corner, after));
      from = after;
    }
    pieces.add(new Piece(from, from.middle(points.getLast()), points.getLast()));
    return pieces;
  }

  private static Point towards(Point corner, Point other) {
    double x = other.x() - corner.x();
    double y = other.y() - corner.y();
    double length = Math.hypot(x, y);
    double share = length == 0 ? 0 : Math.min(CORNER, length / 2) / length;
    return new Point(corner.x() + x * share, corner.y() + y * share);
  }

  /// Returns a point on a line.
  ///
  /// @param share of its pieces before that point, 0 to 1
  static Point at(Shape shape, List<Point> points, double share) {
    List<Piece> pieces = pieces(shape, points);
    double at = share * pieces.size();
    int index = Math.min(pieces.size() - 1, (int) at);
    return pieces.get(index).at(at - index);
  }

  /// Returns the three corners of the arrow head at the end of a line.
  static List<Point> head(Connector connector) {
    return head(connector.shape(), connector.points(), connector.width());
  }

  /// Returns the three corners of the arrow head at the end of a line.
  static List<Point> head(Shape shape, List<Point> points, double width) {
    List<Piece> pieces = pieces(shape, points);
    Piece last = pieces.getLast();
    Point tip = last.to();
    Point back = last.at(0.8);
    double length = Math.max(0.1, Math.hypot(tip.x() - back.x(), tip.y() - back.y()));
    double x = (tip.x() - back.x()) / length;
    double y = (tip.y() - back.y()) / length;
    double size = 6 + width;
    Point base = new Point(tip.x() - x * size, tip.y() - y * size);
    double half = size * 0.45;
    return List.of(
        tip,
        new Point(base.x() - y * half, base.y() + x * half),
        new Point(base.x() + y * half, base.y() - x * half));
  }
}
