package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import java.util.List;
import java.util.Set;

/// A picture before it is written: boxes, lines and texts with their places. Made by
/// [TopologyLayout]; writers add nothing but their format.
///
/// @param title what is drawn
/// @param description what a person should know who cannot see it
/// @param width of the whole in pixels
/// @param height of the whole in pixels
/// @param boxes every box; a frame comes before what is in it
/// @param connectors every line
/// @param inside links between nodes that one box stands for, which therefore have no line
/// @param captions texts beside the boxes: title, legend, remarks
/// @param samples lines of the legend
/// @param ways what a plan does, drawn above boxes and lines
/// @param crossing ids of the lines that lead across the cut that limits a plan
public record Drawing(
    String title,
    String description,
    double width,
    double height,
    List<Box> boxes,
    List<Connector> connectors,
    List<Link> inside,
    List<Caption> captions,
    List<Sample> samples,
    List<Way> ways,
    Set<String> crossing) {

  static final double WAY_WIDTH = 2.2;

  /// A text that belongs to no box.
  ///
  /// @param text what it says
  /// @param at where its first letter stands, on the base line
  /// @param style how it looks
  public record Caption(String text, Point at, Style style) {}

  /// How a caption looks.
  public enum Style {
    /// The name of the whole.
    TITLE(20, true),
    /// What stands under the title.
    SUMMARY(12, false),
    /// The head of a part of the legend.
    HEAD(11, true),
    /// A line of the legend.
    LEGEND(11, false),
    /// What is wrong.
    ALARM(12, true);

    private final int size;
    private final boolean bold;

    Style(int size, boolean bold) {
      this.size = size;
      this.bold = bold;
    }

    /// Returns the height of letters in pixels.
    public int size() {
      return size;
    }

    /// Tells whether letters are bold.
    public boolean isBold() {
      return bold;
    }
  }

  /// A line of the legend.
  ///
  /// @param from where it begins
  /// @param to where it ends
  /// @param width its thickness
  /// @param health its colour
  /// @param dashed whether it is dashed
  public record Sample(Point from, Point to, double width, LinkHealth health, boolean dashed) {}

  /// A way that data takes: a ring, a tree, a lane of a schedule.
  ///
  /// @param label what people call it
  /// @param color number of its colour, see [Theme#way]
  /// @param arcs curves of three points ([Connector.Shape#CURVE]) with a head at the end; a line of
  ///   two points has none and belongs to the legend
  public record Way(String label, int color, List<List<Point>> arcs) {
    /// Copies.
    public Way {
      arcs = arcs.stream().map(List::copyOf).toList();
    }
  }

  /// Returns a box.
  ///
  /// @throws IllegalArgumentException if there is none of that id
  public Box box(String id) {
    return boxes.stream()
        .filter(box -> box.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no box was drawn for '" + id + "'"));
  }

  /// Returns the lines with a lead that crosses the frame of a host or group.
  List<Connector> connectorsAt(String frame) {
    Rectangle bounds = box(frame).bounds();
    return connectors.stream()
        .filter(line ->
            line.leads().stream()
                .flatMap(List::stream)
                .anyMatch(
                    at -> at.y() == bounds.y() && at.x() > bounds.x() && at.x() < bounds.right()))
        .toList();
  }

  /// Tells whether a box stands for several by itself, not only as a part of a host that does.
  public boolean isStack(Box box) {
    if (box.alike() == 1) {
      return false;
    }
    return boxes.stream()
        .filter(other -> other.id().equals(box.parent()))
        .noneMatch(outer -> outer.alike() == box.alike() || outer.role() == Box.Role.AREA);
  }

  /// Copies.
  public Drawing {
    boxes = List.copyOf(boxes);
    connectors = List.copyOf(connectors);
    inside = List.copyOf(inside);
    captions = List.copyOf(captions);
    samples = List.copyOf(samples);
    ways = List.copyOf(ways);
    crossing = Set.copyOf(crossing);
  }
}
