package dev.tutti.topology.draw;

/// A place in a drawing, in pixels from the upper left corner.
///
/// @param x to the right
/// @param y downwards
public record Point(double x, double y) {
  /// Returns the place in the middle between this and another.
  public Point middle(Point other) {
    return new Point((x + other.x) / 2, (y + other.y) / 2);
  }
}
