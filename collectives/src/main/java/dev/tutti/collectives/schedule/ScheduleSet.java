package dev.tutti.collectives.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// The schedules of all ranks for one collective operation.
///
/// @param schedules schedule of rank r at index r; all agree on collective, ranks, root and
///   partition
public record ScheduleSet(List<Schedule> schedules) {
  /// Checks that the schedules belong together.
  public ScheduleSet {
    schedules = List.copyOf(schedules);
    if (schedules.isEmpty()) {
      throw new IllegalArgumentException("a schedule set needs at least one rank");
    }
    Schedule first = schedules.get(0);
    for (int r = 0; r < schedules.size(); r++) {
      Schedule s = schedules.get(r);
      if (s.rank() != r
          || s.ranks() != schedules.size()
          || s.collective() != first.collective()
          || s.root() != first.root()
          || !s.partition().equals(first.partition())) {
        throw new IllegalArgumentException("schedule " + r + " does not belong to the set");
      }
    }
  }

  /// Builds the set by asking for each rank's schedule.
  public static ScheduleSet of(int ranks, IntFunction<Schedule> scheduleOfRank) {
    List<Schedule> schedules = new ArrayList<>(ranks);
    for (int r = 0; r < ranks; r++) {
      schedules.add(scheduleOfRank.apply(r));
    }
    return new ScheduleSet(schedules);
  }

  /// Returns the collective that all schedules realise.
  public Collective collective() {
    return schedules.get(0).collective();
  }

  /// Returns the number of ranks.
  public int ranks() {
    return schedules.size();
  }

  /// Returns the root rank.
  public int root() {
    return schedules.get(0).root();
  }

  /// Returns the partition that all schedules share.
  public Partition partition() {
    return schedules.get(0).partition();
  }
}
