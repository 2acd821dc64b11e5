package dev.tutti.collectives.schedule;

import java.util.List;

/// What one rank does in one collective operation, as data.
///
/// A schedule does not depend on the element count, the element type or the operator: the engine
/// applies it to any vector through the [Partition] and moves each chunk slice by slice. The
/// schedules of all ranks together make a [ScheduleSet], which the [ScheduleVerifier] proves.
///
/// @param collective the operation, which fixes the postcondition
/// @param ranks number of ranks
/// @param rank the rank that executes this schedule
/// @param root the root rank of a rooted collective, 0 otherwise
/// @param partition chunks of the full vector, see [Collective]
/// @param scratchCopies number of vector-shaped scratch copies that SCRATCH operands index
/// @param lanes the lanes, which run concurrently
public record Schedule(
    Collective collective,
    int ranks,
    int rank,
    int root,
    Partition partition,
    int scratchCopies,
    List<Lane> lanes) {

  /// Checks the ranks and copies the list.
  public Schedule {
    if (ranks < 1 || rank < 0 || rank >= ranks || root < 0 || root >= ranks) {
      throw new IllegalArgumentException(
          "rank " + rank + " or root " + root + " is outside a world of " + ranks);
    }
    if (scratchCopies < 0) {
      throw new IllegalArgumentException("scratchCopies is " + scratchCopies);
    }
    lanes = List.copyOf(lanes);
  }
}
