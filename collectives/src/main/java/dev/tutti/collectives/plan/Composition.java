package dev.tutti.collectives.plan;

import dev.tutti.collectives.execute.OwnerReduction;
import dev.tutti.collectives.schedule.Collective;
import org.jspecify.annotations.Nullable;

/// A reduction composed of two collectives that do not reduce, each with a plan of its own; see
/// [OwnerReduction].
///
/// @param collective the reduction
/// @param root its root, 0 if it has none
/// @param scatter the plan of the all-to-all that takes contributions to their owners
/// @param gather the plan of what takes the results where they belong, null if nothing has to
public record Composition(Collective collective, int root, Plan scatter, @Nullable Plan gather) {
  /// Plans a reduction.
  ///
  /// @param vectorBytes size of the reduction's vector
  public static Composition of(Planner planner, Collective collective, long vectorBytes, int root) {
    Plan scatter =
        planner.plan(
            Collective.ALL_TO_ALL, BlockLengths.UNEVEN, planner.allToAllBytes(vectorBytes), 0);
    Collective last = OwnerReduction.gathers(collective);
    if (last == null) {
      return new Composition(collective, root, scatter, null);
    }
    long bytes = last == Collective.ALL_TO_ALL ? planner.allToAllBytes(vectorBytes) : vectorBytes;
    Plan gather = planner.plan(last, BlockLengths.UNEVEN, bytes, root);
    return new Composition(collective, root, scatter, gather);
  }

  /// Returns both plans as one, for people: the schedules are those of the first.
  public Plan whole() {
    Plan last = gather;
    return last == null
        ? scatter
        : new Plan(
            scatter.algorithm() + " + " + last.algorithm(),
            scatter.schedules(),
            scatter.shape(),
            null,
            scatter.predictedSeconds() + last.predictedSeconds());
  }
}
