package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Quantities;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes at the lines what must be seen at a glance: what the ill ones carry, and the capacity of
/// trunks between switches where there are few; of a plan, how busy it keeps the busiest.
final class LineLabels {
  static final double SIZE = 10;

  private static final int MOST_ILL = 14;
  private static final int MOST_TRUNKS = 8;
  private static final int MOST_BUSY = 40;
  private static final double[] TRIES = {0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82};

  private final Map<String, Box> boxes = new HashMap<>();
  private final List<Rectangle> taken = new ArrayList<>();
  private final List<Rectangle> frames = new ArrayList<>();
  private final PlanMarks marks;

  private LineLabels(List<Box> boxes, PlanMarks marks) {
    this.marks = marks;
    for (Box box : boxes) {
      this.boxes.put(box.id(), box);
      if (box.role() == Box.Role.ITEM) {
        taken.add(box.bounds());
      } else if (box.role() == Box.Role.HOST) {
        frames.add(box.bounds());
      }
    }
  }

  static List<Connector> add(List<Connector> connectors, List<Box> boxes, PlanMarks marks) {
    LineLabels labels = new LineLabels(boxes, marks);
    List<Connector> ill =
        connectors.stream()
            .filter(connector -> connector.health().isIll())
            .sorted(Comparator.comparing(Connector::health).reversed())
            .limit(MOST_ILL)
            .toList();
    List<Connector> trunks = connectors.stream().filter(labels::isTrunk).toList();
    Map<String, Connector> labelled = new HashMap<>();
    ill.forEach(connector -> labelled.put(connector.id(), labels.label(connector)));
    Map<String, Connector> byId = new HashMap<>();
    connectors.forEach(connector -> byId.put(connector.id(), connector));
    for (String id : marks.busiest(MOST_BUSY)) {
      Connector line = byId.get(id);
      if (line != null && !labelled.containsKey(id)) {
        labelled.put(id, labels.label(line));
      }
    }
    if (trunks.size() <= MOST_TRUNKS) {
      trunks.stream()
          .filter(connector -> !labelled.containsKey(connector.id()))
          .forEach(connector -> labelled.put(connector.id(), labels.label(connector)));
    }
    return connectors.stream().map(one -> labelled.getOrDefault(one.id(), one)).toList();
  }

  /// Returns how wide the ground of a label is.
  static double width(String text) {
    return Sizes.textWidth(text, SIZE) * 1.08 + 12;
  }

  private boolean isTrunk(Connector connector) {
    return isSwitch(connector.from())
        && isSwitch(connector.to())
        && !connector.oneWay()
        && connector.bytesPerSecond() != null;
  }

  private boolean isSwitch(String id) {
    Box box = boxes.get(id);
    return box != null && (box.kind() == NodeKind.SWITCH || box.kind() == NodeKind.NETWORK);
  }

  private Connector label(Connector connector) {
    Double busy = marks.busy().get(connector.id());
    String text = busy == null ? text(connector) : busy(connector, busy);
    double width = width(text);
    for (double share : TRIES) {
      Point center = Curves.at(connector.shape(), connector.points(), share);
      Rectangle place = new Rectangle(center.x() - width / 2, center.y() - SIZE, width, SIZE * 2);
      boolean hidden =
          connector.goesBeneath() && frames.stream().anyMatch(frame -> frame.overlaps(place));
      if (!hidden && taken.stream().noneMatch(other -> other.overlaps(place))) {
        taken.add(place);
        return with(connector, new Connector.Label(text, center));
      }
    }
    return connector;
  }

  /// Returns how busy a plan keeps a line, and what is wrong with it.
  private static String busy(Connector connector, double share) {
    String text = Quantities.percent(share) + " busy";
    return connector.health().isIll() ? text(connector) + ", " + text : text;
  }

  private static String text(Connector connector) {
    Link first = connector.links().getFirst();
    String nominal = Quantities.rate(first.capacityBytesPerSecond());
    int count = connector.pairs() * connector.cables();
    String times = count > 1 ? count + " × " : "";
    if (connector.health() == LinkHealth.MEASURED) {
      return times + Quantities.rate(first.bestKnownBytesPerSecond());
    }
    if (connector.health() == LinkHealth.DOWN) {
      return times + "down";
    }
    if (!connector.health().isIll()) {
      return times + nominal;
    }
    double worst =
        connector.links().stream()
            .map(Link::measured)
            .mapToDouble(LineLabels::rate)
            .min()
            .orElse(0);
    return times + Quantities.rate(worst).replace(" GB/s", "") + " of " + nominal;
  }

  private static double rate(@org.jspecify.annotations.Nullable Measurement measured) {
    return measured == null ? Double.POSITIVE_INFINITY : measured.bytesPerSecond();
  }

  private static Connector with(Connector connector, Connector.Label label) {
    return new Connector(
        connector.id(),
        connector.from(),
        connector.to(),
        connector.kind(),
        connector.health(),
        connector.bytesPerSecond(),
        connector.width(),
        connector.oneWay(),
        connector.cables(),
        connector.pairs(),
        connector.shape(),
        connector.points(),
        connector.leads(),
        label,
        connector.links());
  }
}
