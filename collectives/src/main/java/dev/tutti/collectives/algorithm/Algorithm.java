package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;

/// A pure function from (collective, ranks, root, chunking) to the [Schedule] of each rank.
///
/// Implementations hold no state, do no I/O and read no clock: the same arguments give equal
/// schedules on every rank of a world, which is what lets each rank generate only its own.
public interface Algorithm {
  /// Returns the name in kebab case, as on the command line: `ring`, `halving-doubling`, ...
  String name();

  /// Returns whether this algorithm realises a collective for a number of ranks (at least 1).
  boolean supports(Collective collective, int ranks);

  /// Returns whether this algorithm cuts the messages of a collective into pieces: if not, its
  /// schedules are the same whatever their number.
  boolean pipelines(Collective collective);

  /// Returns the schedule of one rank.
  ///
  /// @param pieces how many pipeline pieces a whole-vector message is cut into where the algorithm
  ///   [#pipelines]; at least 1
  /// @throws IllegalArgumentException if the combination is not supported or an argument is out of
  ///   range
  Schedule schedule(Collective collective, int ranks, int rank, int root, int pieces);

  /// Returns the schedules of all ranks; arguments as for `schedule`.
  default ScheduleSet scheduleSet(Collective collective, int ranks, int root, int pieces) {
    return ScheduleSet.of(ranks, r -> schedule(collective, ranks, r, root, pieces));
  }
}
