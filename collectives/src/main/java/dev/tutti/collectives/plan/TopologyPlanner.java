package dev.tutti.collectives.plan;

import dev.tutti.collectives.plan.TopologyCandidates.Candidate;
import dev.tutti.collectives.simulate.Prediction;
import dev.tutti.collectives.simulate.SimulationLimitException;
import dev.tutti.collectives.simulate.Simulator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Plans a collective for a topology: simulates every form of every algorithm that could do it and
/// ranks them by the time predicted.
///
/// Where there are many ranks, algorithms are left out whose messages or steps are too many to be
/// worth a look: those in which every rank has to do with every other. Deterministic; not
/// thread-safe.
public final class TopologyPlanner {
  private static final int MANY_RANKS = 16;
  private static final double HOPELESS = 3;
  private static final Set<String> QUADRATIC =
      Set.of("flat", "direct", "edge-disjoint-rings", "pairwise", TopologyCandidates.MESH);

  private final TopologyCandidates candidates;
  private final Simulator simulator;
  private final int ranks;
  private final Consumer<String> news;

  /// A candidate and what it is predicted to need.
  public record Ranked(Candidate candidate, Prediction prediction) {}

  /// Makes a planner.
  ///
  /// @param ranks their number
  /// @param news hears what is left out, and why
  public TopologyPlanner(
      TopologyCandidates candidates, Simulator simulator, int ranks, Consumer<String> news) {
    this.candidates = candidates;
    this.simulator = simulator;
    this.ranks = ranks;
    this.news = news;
  }

  /// Returns the best form of each algorithm, best first.
  ///
  /// @param bytes what counts as size of the collective's operation
  /// @param vectorBytes of the full vector
  /// @throws IllegalArgumentException if the topology does not say enough
  public List<Ranked> rank(long bytes, long vectorBytes) {
    List<Ranked> ranking = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (String name : candidates.names()) {
      if (ranks > MANY_RANKS && QUADRATIC.contains(name)) {
        continue;
      }
      Ranked best = null;
      for (Candidate form : candidates.forms(name, bytes)) {
        if (best != null && best.prediction().seconds() > HOPELESS * least) {
          break; // its other forms will not be so much better
        }
        Ranked ranked = predict(form, vectorBytes);
        boolean better =
            ranked != null
                && (best == null || ranked.prediction().seconds() < best.prediction().seconds());
        best = better ? ranked : best;
        least = best == null ? least : Math.min(least, best.prediction().seconds());
      }
      if (best != null) {
        ranking.add(best);
      }
    }
    ranking.sort(Comparator.comparingDouble(ranked -> ranked.prediction().seconds()));
    return ranking;
  }

  private @Nullable Ranked predict(Candidate form, long vectorBytes) {
    try {
      return new Ranked(form, simulator.predict(form.source(), vectorBytes));
    } catch (SimulationLimitException e) {
      news.accept(form.algorithm() + " is left out: " + e.getMessage());
      return null;
    }
  }
}
