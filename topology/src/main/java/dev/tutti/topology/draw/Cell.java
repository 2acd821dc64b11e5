package dev.tutti.topology.draw;

import dev.tutti.topology.NodeKind;
import java.util.ArrayList;
import java.util.List;

/// A box while its place is still being found. Children lie in the same coordinates as their
/// parent.
final class Cell {
  final String id;
  final NodeKind kind;
  final Box.Role role;
  final String title;
  final String subtitle;
  final List<Cell> children = new ArrayList<>();
  double x;
  double y;
  double width;
  double height;

  Cell(String id, NodeKind kind, Box.Role role, String title, String subtitle) {
    this.id = id;
    this.kind = kind;
    this.role = role;
    this.title = title;
    this.subtitle = subtitle;
  }

  Cell size(double newWidth, double newHeight) {
    width = newWidth;
    height = newHeight;
    return this;
  }

  void add(Cell child) {
    children.add(child);
  }

  double right() {
    return x + width;
  }

  double bottom() {
    return y + height;
  }

  double centerX() {
    return x + width / 2;
  }

  /// Puts it and what is in it elsewhere.
  void moveTo(double newX, double newY) {
    moveBy(newX - x, newY - y);
  }

  private void moveBy(double right, double down) {
    x += right;
    y += down;
    children.forEach(child -> child.moveBy(right, down));
  }
}
