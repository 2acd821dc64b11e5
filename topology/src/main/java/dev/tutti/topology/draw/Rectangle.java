package dev.tutti.topology.draw;

/// A part of a drawing.
///
/// @param x left edge
/// @param y upper edge
/// @param width how wide
/// @param height how high
public record Rectangle(double x, double y, double width, double height) {
  /// Returns the right edge.
  public double right() {
    return x + width;
  }

  /// Returns the lower edge.
  public double bottom() {
    return y + height;
  }

  /// Returns the middle.
  public Point center() {
    return new Point(x + width / 2, y + height / 2);
  }

  /// Tells whether another lies in this one, edges included.
  public boolean contains(Rectangle other) {
    return other.x >= x && other.y >= y && other.right() <= right() && other.bottom() <= bottom();
  }

  /// Tells whether the insides of two have a point in common.
  public boolean overlaps(Rectangle other) {
    return x < other.right() && other.x < right() && y < other.bottom() && other.y < bottom();
  }

  /// Returns this one with a margin around it.
  Rectangle grown(double margin) {
    return new Rectangle(x - margin, y - margin, width + 2 * margin, height + 2 * margin);
  }
}
