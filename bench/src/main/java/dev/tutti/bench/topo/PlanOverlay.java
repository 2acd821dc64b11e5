package dev.tutti.bench.topo;

import dev.tutti.bench.topo.MessageRounds.Message;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.Link;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.LimitingCut;
import dev.tutti.topology.bound.Optimum;
import dev.tutti.topology.draw.Overlay;
import dev.tutti.topology.draw.Overlay.Cut;
import dev.tutti.topology.draw.Overlay.Frame;
import dev.tutti.topology.draw.Overlay.Hop;
import dev.tutti.topology.draw.Overlay.LinkLoad;
import dev.tutti.topology.draw.Overlay.Path;
import dev.tutti.topology.draw.Overlay.Transfer;
import dev.tutti.topology.route.ShortestRoutes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A schedule over a topology: which links its messages take, what they load them with, and step
/// after step, who sends to whom.
///
/// Times are predictions by bandwidth: messages go by rounds, all of a round at once, and a round
/// lasts as long as its busiest link needs. Ways are the shortest ([ShortestRoutes]).
public final class PlanOverlay {
  // A page with more transfers would be slow to open.
  private static final int MOST_TRANSFERS = 20_000;
  private static final int MOST_HOPS = 2_000;
  private static final int MOST_LANE_HOPS = 500_000; // before lanes of one way are taken together
  private static final int MOST_NAMES = 8;

  private final Topology topology;
  private final ScheduleSet set;
  private final long bytes;
  private final ShortestRoutes routes;
  private final @Nullable Optimum optimum;
  private final Map<Link, Double> load = new LinkedHashMap<>();
  private final List<Frame> frames = new ArrayList<>();
  private int transfers;
  private double seconds;

  private PlanOverlay(Topology topology, ScheduleSet set, long bytes) {
    this.topology = topology;
    this.set = set;
    this.bytes = bytes;
    this.routes = new ShortestRoutes(topology);
    this.optimum = Optima.of(topology, set.collective(), set.root());
  }

  /// Makes the overlay of a schedule.
  ///
  /// @param name of the algorithm
  /// @param bytes of the larger buffer of a rank
  /// @throws IllegalArgumentException if not every rank of the schedule is placed
  public static Overlay of(Topology topology, String name, ScheduleSet set, long bytes) {
    for (int rank = 0; rank < set.ranks(); rank++) {
      if (!topology.ranks().containsKey(rank)) {
        throw new IllegalArgumentException(
            "rank " + rank + " of the plan has no place in topology '" + topology.name() + "'");
      }
    }
    long vector = set.collective().vectorBytes(bytes, set.ranks());
    PlanOverlay plan = new PlanOverlay(topology, set, vector);
    List<List<Message>> rounds = MessageRounds.of(set);
    rounds.forEach(plan::frame);
    String title =
        name
            + " "
            + set.collective().label()
            + ", "
            + Quantities.bytes(bytes)
            + ", predicted "
            + Quantities.time(plan.seconds)
            + plan.quality();
    return new Overlay(
        title,
        plan.paths(rounds),
        plan.loads(),
        plan.cut(),
        plan.transfers > MOST_TRANSFERS ? List.of() : plan.frames);
  }

  private void frame(List<Message> messages) {
    Map<Link, Double> busy = new HashMap<>();
    List<Transfer> moves = new ArrayList<>();
    double latency = 0;
    for (Message message : messages) {
      String from = place(message.from());
      String to = place(message.to());
      double size = set.partition().length(message.chunk(), bytes);
      double way = 0;
      for (Map.Entry<Link, Double> share : routes.shares(from, to).entrySet()) {
        busy.merge(share.getKey(), size * share.getValue(), Double::sum);
        Double seconds = share.getKey().latencySeconds();
        way += seconds == null ? 0 : seconds * share.getValue();
      }
      latency = Math.max(latency, way);
      transfers++;
      if (transfers <= MOST_TRANSFERS) {
        moves.add(new Transfer(from, to, size, "chunk " + message.chunk()));
      }
    }
    double longest = 0;
    for (Map.Entry<Link, Double> link : busy.entrySet()) {
      load.merge(link.getKey(), link.getValue(), Double::sum);
      Double rate = link.getKey().bestKnownBytesPerSecond();
      longest = rate == null || rate == 0 ? longest : Math.max(longest, link.getValue() / rate);
    }
    double start = seconds;
    seconds += longest + latency;
    frames.add(new Frame(start, seconds, moves));
  }

  private String place(int rank) {
    return Objects.requireNonNull(topology.ranks().get(rank));
  }

  /// Returns a path for each lane, one for those that go the same way, or none if they would hide
  /// the topology.
  private List<Path> paths(List<List<Message>> rounds) {
    Map<Integer, Set<Hop>> byLane = new TreeMap<>();
    int hops = 0;
    for (List<Message> round : rounds) {
      for (Message message : round) {
        Hop hop = new Hop(place(message.from()), place(message.to()));
        hops += byLane.computeIfAbsent(message.lane(), _ -> new LinkedHashSet<>()).add(hop) ? 1 : 0;
        if (hops > MOST_LANE_HOPS) {
          return List.of();
        }
      }
    }
    Map<Set<Hop>, List<String>> lanes = new LinkedHashMap<>();
    byLane.forEach((lane, way) ->
        lanes.computeIfAbsent(way, _ -> new ArrayList<>()).add(String.valueOf(lane)));
    if (lanes.keySet().stream().mapToInt(Set::size).sum() > MOST_HOPS) {
      return List.of();
    }
    List<Path> paths = new ArrayList<>();
    lanes.forEach((way, names) -> {
      String label =
          names.size() > MOST_NAMES
              ? names.size() + " lanes"
              : (names.size() == 1 ? "lane " : "lanes ") + String.join(", ", names);
      paths.add(new Path(label, List.copyOf(way)));
    });
    return paths;
  }

  private List<LinkLoad> loads() {
    List<LinkLoad> loads = new ArrayList<>();
    load.forEach((link, carried) -> {
      Double rate = link.bestKnownBytesPerSecond();
      double busy = rate == null || rate == 0 || seconds == 0 ? 0 : carried / rate / seconds;
      loads.add(new LinkLoad(link.from(), link.to(), carried, Math.min(1, busy)));
    });
    return loads;
  }

  /// Returns how near the plan comes to the optimum, as words to put behind others.
  private String quality() {
    if (optimum == null || !optimum.isLimited()) {
      return "";
    }
    return ", "
        + Quantities.percent(optimum.seconds(bytes) / seconds)
        + (optimum.proof().isExact() ? " of optimum" : " of a bound that may be out of reach");
  }

  private @Nullable Cut cut() {
    if (optimum == null || !optimum.isLimited()) {
      return null;
    }
    String note =
        (optimum.proof().isExact() ? "optimum " : "bound ")
            + Quantities.time(optimum.seconds(bytes))
            + " ("
            + optimum.proof().words()
            + "), plan "
            + Quantities.time(seconds)
            + quality();
    LimitingCut limit = optimum.cut();
    return limit == null
        ? new Cut(List.of(), List.of(), 0, note)
        : new Cut(
            List.copyOf(limit.inside()),
            limit.crossing().stream().map(link -> new Hop(link.from(), link.to())).toList(),
            limit.bytesPerSecond(),
            note);
  }

  /// Returns the collective of a name.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists all
  public static Collective collective(String label) {
    Collective found = Collective.named(label);
    if (found == null) {
      throw new IllegalArgumentException(
          "no collective '"
              + label
              + "'; there are "
              + Arrays.stream(Collective.values()).map(Collective::label).toList());
    }
    return found;
  }
}
