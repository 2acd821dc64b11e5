package dev.tutti.collectives.plan;

import dev.tutti.collectives.execute.Lowering;
import dev.tutti.collectives.schedule.RankOrder;
import dev.tutti.collectives.schedule.ScheduleSet;
import org.jspecify.annotations.Nullable;

/// The schedule chosen for one collective and size class.
///
/// @param algorithm name of the algorithm
/// @param schedules the verified schedules of all ranks
/// @param shape the shape it is lowered to, null if it is interpreted
/// @param order how it combines operands in rank order, null where any order will do
/// @param predictedSeconds what the cost model expects
public record Plan(
    String algorithm,
    ScheduleSet schedules,
    Lowering.@Nullable Shape shape,
    @Nullable RankOrder order,
    double predictedSeconds) {

  /// Returns how it is executed, for people.
  public String form() {
    return shape == null ? "interpreted" : "lowered to " + shape;
  }
}
