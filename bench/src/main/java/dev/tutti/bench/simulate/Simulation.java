package dev.tutti.bench.simulate;

import dev.tutti.bench.topo.Optima;
import dev.tutti.collectives.plan.TopologyCandidates;
import dev.tutti.collectives.plan.TopologyPlanner;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.simulate.Prediction;
import dev.tutti.collectives.simulate.ScheduleSource;
import dev.tutti.collectives.simulate.SimulationLimitException;
import dev.tutti.collectives.simulate.SimulationOptions;
import dev.tutti.collectives.simulate.Simulator;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.Optimum;
import dev.tutti.topology.draw.Overlay;
import dev.tutti.topology.draw.Overlay.Frame;
import dev.tutti.topology.draw.Overlay.Transfer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Simulates algorithms on one topology.
public final class Simulation {
  private static final int MOST_MESSAGES = 100_000; // of a timeline
  private static final int RANKS_WORTH_A_WORD = 256;

  private final Topology topology;
  private final Collective collective;
  private final TopologyCandidates candidates;
  private final LongFunction<SimulationOptions> options;
  private final SortedMap<Integer, Double> late;
  private final @Nullable Optimum optimum;
  private final Consumer<String> news;
  private int unknownLinks;

  /// Makes a simulation.
  ///
  /// @param options what is assumed for a vector of so many bytes; who is late is the same for all
  /// @param news hears what is being done where it takes long, and what is not done and why
  /// @throws IllegalArgumentException as [TopologyCandidates]
  public Simulation(
      Topology topology,
      Collective collective,
      int root,
      int pieces,
      LongFunction<SimulationOptions> options,
      Consumer<String> news) {
    this.topology = topology;
    this.collective = collective;
    this.late = options.apply(1).lateSeconds();
    int alone = late.size() == 1 ? late.firstKey() : TopologyCandidates.NOBODY;
    this.candidates = new TopologyCandidates(topology, collective, root, pieces, alone);
    this.options = options;
    this.optimum = Optima.of(topology, collective, root);
    this.news = news;
  }

  /// Returns the names of all algorithms that could run.
  public List<String> names() {
    return candidates.names();
  }

  /// Predicts what some algorithms need, best first.
  ///
  /// @throws IllegalArgumentException if there is no such algorithm, or the topology does not say
  ///   enough
  public List<SimulatedRow> run(List<String> names, long bytes) {
    List<SimulatedRow> rows = new ArrayList<>();
    Simulator simulator = simulator(bytes);
    for (String name : names) {
      TopologyCandidates.Candidate candidate = candidates.named(name, bytes);
      if (candidate.source().ranks() >= RANKS_WORTH_A_WORD) {
        news.accept("simulating " + name + ", " + candidate.source().ranks() + " ranks");
      }
      try {
        rows.add(row(candidate, bytes, simulator.predict(candidate.source(), vector(bytes))));
      } catch (SimulationLimitException e) {
        news.accept(name + " is left out: " + e.getMessage());
      }
    }
    rows.sort(Comparator.comparingDouble(SimulatedRow::micros));
    return rows;
  }

  /// Predicts the best form of every algorithm, best first.
  ///
  /// @throws IllegalArgumentException as [#run]
  public List<Planned> plan(long bytes) {
    TopologyPlanner planner =
        new TopologyPlanner(candidates, simulator(bytes), topology.ranks().size(), news);
    return planner.rank(bytes, vector(bytes)).stream()
        .map(ranked ->
            new Planned(
                row(ranked.candidate(), bytes, ranked.prediction()), ranked.candidate().source()))
        .toList();
  }

  /// A prediction with what it is of.
  public record Planned(SimulatedRow row, ScheduleSource source) {}

  /// Returns every message of an algorithm as an overlay, a frame for each.
  ///
  /// @throws IllegalArgumentException as [#run], or if there are too many messages to look at
  public Overlay timeline(String name, long bytes) {
    TopologyCandidates.Candidate candidate = candidates.named(name, bytes);
    List<Frame> frames = new ArrayList<>();
    Prediction prediction =
        simulator(bytes)
            .predict(
                candidate.source(),
                vector(bytes),
                (from, to, lane, chunk, size, start, end) -> {
                  if (frames.size() == MOST_MESSAGES) {
                    throw new IllegalArgumentException(
                        "a timeline has at most " + MOST_MESSAGES + " messages; take fewer ranks");
                  }
                  String label = "lane " + lane + ", chunk " + chunk;
                  Transfer move = new Transfer(place(from), place(to), size, label);
                  frames.add(new Frame(start, end, List.of(move)));
                });
    frames.sort(Comparator.comparingDouble(Frame::startSeconds));
    String title =
        name
            + " "
            + collective.label()
            + ", "
            + Quantities.bytes(bytes)
            + ", simulated "
            + Quantities.time(prediction.seconds());
    return new Overlay(title, List.of(), List.of(), null, frames);
  }

  /// Says what the optimum is, null if nobody knows it.
  public @Nullable String optimum() {
    return optimum == null ? null : optimum.proof().words();
  }

  /// Returns the number of links used so far of which no capacity is known.
  public int unknownLinks() {
    return unknownLinks;
  }

  private Simulator simulator(long bytes) {
    return new Simulator(topology, options.apply(vector(bytes)));
  }

  private long vector(long bytes) {
    return collective.vectorBytes(bytes, topology.ranks().size());
  }

  private String place(int rank) {
    return topology.ranks().getOrDefault(rank, "");
  }

  private SimulatedRow row(
      TopologyCandidates.Candidate candidate, long bytes, Prediction prediction) {
    unknownLinks = Math.max(unknownLinks, prediction.unknownLinks());
    return new SimulatedRow(
        candidate.algorithm(),
        candidate.form(),
        collective,
        candidate.pieces(),
        bytes,
        prediction,
        late,
        optimum == null || !optimum.isLimited() ? null : optimum.seconds(bytes));
  }
}
