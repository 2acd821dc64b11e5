package dev.tutti.topology.draw;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Shares the edges of boxes among the lines that end there, so that lines neither begin at one
/// point nor cross near their ends.
final class Ports {
  /// An edge of a box.
  enum Side {
    TOP,
    BOTTOM,
    LEFT,
    RIGHT
  }

  /// Where a line ends.
  ///
  /// @param line number of the line
  /// @param box where
  /// @param side on which edge
  /// @param order what its place among others on that edge follows
  /// @param wish the coordinate along the edge that it would like best
  record End(int line, Box box, Side side, double order, double wish) {}

  private record Edge(String box, Side side) {}

  private static final double CORNER = 8;
  private static final double PITCH = 14;
  private static final double LEAST_PITCH = 6;

  private final Map<Edge, List<End>> ends = new HashMap<>();
  private final Map<End, Point> places = new HashMap<>();

  void add(End end) {
    ends.computeIfAbsent(new Edge(end.box().id(), end.side()), _ -> new ArrayList<>()).add(end);
  }

  /// Finds all places.
  void share() {
    for (List<End> edge : ends.values()) {
      edge.sort(Comparator.comparingDouble(End::order).thenComparingInt(End::line));
      double[] along = along(edge);
      for (int i = 0; i < along.length; i++) {
        places.put(edge.get(i), point(edge.get(i), along[i]));
      }
    }
  }

  Point place(End end) {
    return places.getOrDefault(end, end.box().bounds().center());
  }

  private static double[] along(List<End> edge) {
    Rectangle bounds = edge.getFirst().box().bounds();
    Side side = edge.getFirst().side();
    boolean upright = side == Side.LEFT || side == Side.RIGHT;
    double low = (upright ? bounds.y() : bounds.x()) + CORNER;
    double high = (upright ? bounds.bottom() : bounds.right()) - CORNER;
    int count = edge.size();
    boolean anyOpposite = edge.stream().anyMatch(end -> low <= end.wish() && end.wish() <= high);
    double[] places = new double[count];
    if (!anyOpposite || upright) {
      double pitch = count == 1 ? 0 : Math.min(PITCH, (high - low) / (count - 1));
      double first = (low + high) / 2 - pitch * (count - 1) / 2;
      for (int i = 0; i < count; i++) {
        places[i] = first + i * pitch;
      }
      return places;
    }
    double pitch = count == 1 ? 0 : Math.min(LEAST_PITCH, (high - low) / (count - 1));
    for (int i = 0; i < count; i++) {
      double wish = Math.clamp(edge.get(i).wish(), low, high);
      places[i] = i == 0 ? wish : Math.max(wish, places[i - 1] + pitch);
    }
    for (int i = count - 1; i >= 0; i--) {
      places[i] = Math.min(places[i], high - (count - 1 - i) * pitch);
    }
    return places;
  }

  private static Point point(End end, double along) {
    Rectangle bounds = end.box().bounds();
    return switch (end.side()) {
      case TOP -> new Point(along, bounds.y());
      case BOTTOM -> new Point(along, bounds.bottom());
      case LEFT -> new Point(bounds.x(), along);
      case RIGHT -> new Point(bounds.right(), along);
    };
  }
}
