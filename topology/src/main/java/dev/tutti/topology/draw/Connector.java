package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.LinkKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A line between two boxes: one cable or several that are alike, or one direction of them where
/// the directions differ.
///
/// @param id unique in its drawing
/// @param from id of the box where it begins
/// @param to id of the box where it ends
/// @param kind what the links are made of
/// @param health how well they are
/// @param bytesPerSecond nominal capacity of one direction between one pair of nodes, all cables
///   together; null if unknown
/// @param width thickness in pixels, by the logarithm of the capacity
/// @param oneWay whether it stands for one direction only, from its beginning to its end
/// @param cables how many links of one direction there are between each pair of nodes
/// @param pairs how many pairs of nodes it stands for
/// @param shape how its points are joined
/// @param points where it goes
/// @param leads parts of it that lie inside the frame of a host; they are drawn above that frame,
///   where the rest may go beneath other frames
/// @param label what stands at it, null if nothing does
/// @param links every link that it stands for
public record Connector(
    String id,
    String from,
    String to,
    LinkKind kind,
    LinkHealth health,
    @Nullable Double bytesPerSecond,
    double width,
    boolean oneWay,
    int cables,
    int pairs,
    Shape shape,
    List<Point> points,
    List<List<Point>> leads,
    @Nullable Label label,
    List<Link> links) {

  /// How the points of a connector are joined.
  public enum Shape {
    /// The first and last are on the line; it bends towards the others. Between two neighbours
    /// inside it goes through their middle: a chain of quadratic Bézier curves.
    CURVE,
    /// All are on the line, with round corners.
    ELBOW
  }

  /// A text at a connector.
  ///
  /// @param text what it says
  /// @param center where its middle is
  public record Label(String text, Point center) {}

  /// Copies.
  public Connector {
    points = List.copyOf(points);
    leads = leads.stream().map(List::copyOf).toList();
    links = List.copyOf(links);
  }

  /// Tells whether it leaves the frame of a host and is therefore drawn beneath such frames.
  public boolean goesBeneath() {
    return !leads.isEmpty();
  }

  /// Tells whether it is drawn dashed: nothing comes through, or nobody knows how much.
  public boolean isDashed() {
    return health == LinkHealth.DOWN || bytesPerSecond == null;
  }
}
