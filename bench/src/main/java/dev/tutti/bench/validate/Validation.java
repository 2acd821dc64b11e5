package dev.tutti.bench.validate;

import dev.tutti.collectives.plan.TopologyCandidates;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.simulate.MessageModel;
import dev.tutti.collectives.simulate.SimulationOptions;
import dev.tutti.collectives.simulate.Simulator;
import dev.tutti.topology.Topology;
import dev.tutti.topology.probe.MeasuredTopology;
import dev.tutti.topology.probe.Profile;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Predicts from a recording's profile what its rows measured. Nothing but the profile is looked
/// at.
public final class Validation {
  private static final String INTERPRETED = "interpreted";

  private final Topology topology;
  private final Profile profile;
  private final Map<Collective, TopologyCandidates> candidates = new EnumMap<>(Collective.class);

  private Validation(Recording recording) {
    profile = recording.profile();
    topology = MeasuredTopology.of(profile);
  }

  /// Compares every row of a recording.
  public static List<ComparedRow> of(Recording recording) {
    Validation validation = new Validation(recording);
    List<ComparedRow> rows = new ArrayList<>();
    for (MeasuredRow row : recording.rows()) {
      rows.add(new ComparedRow(row, validation.predict(row)));
    }
    return rows;
  }

  /// Returns the mean of the absolute errors of those rows that are predicted, 0 if none is.
  public static double meanAbsoluteError(List<ComparedRow> rows) {
    return rows.stream()
        .map(ComparedRow::error)
        .filter(Objects::nonNull)
        .mapToDouble(Math::abs)
        .average()
        .orElse(0);
  }

  private @Nullable Double predict(MeasuredRow row) {
    Collective collective = Collective.named(row.collective().label());
    if (collective == null || !row.form().equals(INTERPRETED)) {
      return null;
    }
    TopologyCandidates ways =
        candidates.computeIfAbsent(
            collective,
            each -> new TopologyCandidates(topology, each, 0, 0, TopologyCandidates.NOBODY));
    if (!ways.names().contains(row.algorithm())) {
      return null;
    }
    long vector = collective.vectorBytes(row.bytes(), topology.ranks().size());
    SimulationOptions options =
        MessageModel.options(SimulationOptions.usual(topology), profile, vector);
    return new Simulator(topology, options)
        .predict(ways.named(row.algorithm(), vector).source(), vector)
        .seconds();
  }
}
