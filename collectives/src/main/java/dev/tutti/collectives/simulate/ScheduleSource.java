package dev.tutti.collectives.simulate;

import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import java.util.function.IntFunction;

/// The schedules of all ranks, made one by one when they are asked for: a simulation that finds a
/// symmetry asks for few of them.
///
/// @param ranks number of ranks
/// @param scheduleOfRank makes the schedule of a rank; equal schedules whenever it is called, by
///   several threads at once
public record ScheduleSource(int ranks, IntFunction<Schedule> scheduleOfRank) {
  /// Checks the number of ranks.
  public ScheduleSource {
    if (ranks < 1) {
      throw new IllegalArgumentException("ranks is " + ranks + ", expected at least 1");
    }
  }

  /// Returns schedules that are there.
  public static ScheduleSource of(ScheduleSet set) {
    return new ScheduleSource(set.ranks(), set.schedules()::get);
  }

  /// Makes the schedule of a rank.
  ///
  /// @throws IllegalArgumentException if it is that of another rank or of another world
  Schedule schedule(int rank) {
    Schedule schedule = scheduleOfRank.apply(rank);
    if (schedule.rank() != rank || schedule.ranks() != ranks) {
      throw new IllegalArgumentException(
          "asked for the schedule of rank "
              + rank
              + " of "
              + ranks
              + ", got that of rank "
              + schedule.rank()
              + " of "
              + schedule.ranks());
    }
    return schedule;
  }
}
