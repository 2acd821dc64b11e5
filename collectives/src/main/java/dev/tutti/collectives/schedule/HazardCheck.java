package dev.tutti.collectives.schedule;

import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.RACE;

import java.util.Arrays;

/// Finds steps of different lanes of a rank that touch the same location, at least one of them
/// writing, without an order between them.
///
/// Works like the race detector FastTrack (Flanagan and Freund, PLDI 2009): in an order that
/// respects happens-before, each access is compared with the last write and, if it writes, with the
/// reads since then. If no race has been seen at a location, all earlier accesses come before
/// those, so the first race is never missed. Ranks with one lane cannot race. O(accesses) queries
/// to [HappensBefore].
final class HazardCheck {
  private final StepTable table;
  private final HappensBefore happensBefore;
  private final Memory memory;
  private final DefectLog log;

  private int firstStep;

  /// Last step that wrote each location of the rank, and the latest step that has read it since
  /// then; -1 if none.
  private int[] lastWrite = {};

  private int[] lastRead = {};

  /// For each step of the rank the step that had read the same location before it, -1 if none.
  private int[] previousRead = {};

  HazardCheck(StepTable table, HappensBefore happensBefore, Memory memory, DefectLog log) {
    this.table = table;
    this.happensBefore = happensBefore;
    this.memory = memory;
    this.log = log;
  }

  void run() {
    for (int rank = 0; rank < table.ranks; rank++) {
      if (table.firstLane[rank + 1] - table.firstLane[rank] > 1) {
        run(rank);
      }
    }
  }

  private void run(int rank) {
    firstStep = table.firstStepOfRank(rank);
    lastWrite = new int[memory.locations(rank)];
    lastRead = new int[memory.locations(rank)];
    previousRead = new int[happensBefore.stepsOfRank(rank)];
    Arrays.fill(lastWrite, -1);
    Arrays.fill(lastRead, -1);
    int count = happensBefore.stepsOfRank(rank);
    for (int i = 0; i < count; i++) {
      int step = happensBefore.stepOfRank(rank, i);
      int source = memory.place(table.source[step]);
      int target = memory.place(table.target[step]);
      if (table.kind[step] == StepKind.COPY && source == target) {
        continue; // in place the engine leaves it out
      }
      if (source >= 0) {
        read(step, source);
      }
      if (target >= 0) {
        write(step, target);
      }
    }
  }

  private void read(int step, int location) {
    if (lastWrite[location] >= 0) {
      check(lastWrite[location], "written", step, "reads", location);
    }
    int reader = lastRead[location];
    boolean sameLane = reader >= 0 && table.laneOf[reader] == table.laneOf[step];
    previousRead[step - firstStep] = sameLane ? previousRead[reader - firstStep] : reader;
    lastRead[location] = step;
  }

  private void write(int step, int location) {
    if (lastWrite[location] >= 0) {
      check(lastWrite[location], "written", step, "writes", location);
    }
    for (int r = lastRead[location]; r >= 0; r = previousRead[r - firstStep]) {
      if (r != step) {
        check(r, "read", step, "writes", location);
      }
    }
    lastRead[location] = -1;
    lastWrite[location] = step;
  }

  private void check(int earlier, String past, int step, String verb, int location) {
    if (table.laneOf[earlier] == table.laneOf[step] || happensBefore.isBefore(earlier, step)) {
      return;
    }
    String operand = table.operand(table.rankOf(step), location);
    log.add(
        RACE,
        table,
        step,
        verb
            + " "
            + operand
            + ", which "
            + table.describe(earlier)
            + " has "
            + past
            + " without an order between the two");
  }
}
