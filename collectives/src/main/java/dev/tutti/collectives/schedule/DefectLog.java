package dev.tutti.collectives.schedule;

import java.util.ArrayList;
import java.util.List;

/// Collects the first [VerificationReport#MAX_DEFECTS] defects and counts the rest.
final class DefectLog {
  private final List<ScheduleDefect> defects = new ArrayList<>();
  private int count;

  void add(ScheduleDefect.Kind kind, int rank, int lane, int step, String message) {
    if (count++ < VerificationReport.MAX_DEFECTS) {
      defects.add(new ScheduleDefect(kind, rank, lane, step, message));
    }
  }

  /// Adds a defect at a step of the table.
  void add(ScheduleDefect.Kind kind, StepTable table, int step, String message) {
    int lane = table.laneOf[step];
    add(kind, table.rankOfLane[lane], table.localLane(lane), table.localStep(step), message);
  }

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  List<ScheduleDefect> defects() {
    return List.copyOf(defects);
  }
}
