package dev.tutti.topology.draw;

import java.util.ArrayList;
import java.util.List;

/// The title of a frame, put where no line crosses the strip that it stands in.
///
/// @param at where its first letter stands
/// @param name what is in the frame
/// @param times how many it stands for, empty if it stands for itself
/// @param rest what is in it, empty where there is no room
record FrameTitle(Point at, String name, String times, String rest) {
  private static final double SIZE = 14;
  private static final double SMALL = 11;
  private static final double CLEAR = 7;
  private static final String LIKE_THIS = " like this";

  static FrameTitle of(Box frame, boolean stack, List<Connector> connectors) {
    Rectangle bounds = frame.bounds();
    double name = Sizes.textWidth(frame.title(), SIZE);
    String times = stack ? "  × " + frame.alike() : "";
    double wish = name + Sizes.textWidth(times, 12);
    List<Double> crossed = new ArrayList<>();
    for (Connector connector : connectors) {
      for (List<Point> lead : connector.leads()) {
        for (Point point : lead) {
          if (point.y() == bounds.y() && point.x() > bounds.x() && point.x() < bounds.right()) {
            crossed.add(point.x());
          }
        }
      }
    }
    crossed.add(bounds.right());
    crossed.sort(Double::compare);
    double from = bounds.x() + 12 - CLEAR;
    double best = from;
    double room = 0;
    for (double to : crossed) {
      double here = to - from - 2 * CLEAR;
      if (here > room && room < wish) {
        best = from;
        room = here;
      }
      from = Math.max(from, to);
    }
    if (stack && wish + Sizes.textWidth(LIKE_THIS, 12) < room) {
      times += LIKE_THIS;
      wish += Sizes.textWidth(LIKE_THIS, 12);
    }
    boolean crossedOver = room < name; // better a line behind the name than half a name
    if (crossedOver) {
      best = bounds.x() + 12 - CLEAR;
      room = bounds.width() - 24;
    }
    String rest = frame.subtitle().isEmpty() || crossedOver ? "" : "  " + frame.subtitle();
    boolean fits = wish + Sizes.textWidth(rest, SMALL) < room;
    return new FrameTitle(
        new Point(best + CLEAR, bounds.y() + 19),
        Sizes.fit(frame.title(), SIZE, Math.max(30, room - Sizes.textWidth(times, 12))),
        times,
        fits ? rest : "");
  }
}
