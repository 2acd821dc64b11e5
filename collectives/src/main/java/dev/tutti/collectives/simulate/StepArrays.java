package dev.tutti.collectives.simulate;

import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.Step;
import dev.tutti.collectives.schedule.StepKind;

/// The schedule of one rank as arrays, a tenth of the size of the objects.
///
/// Steps are numbered through all lanes; lane l has `laneStart[l]...laneStart[l + 1] - 1`.
final class StepArrays {
  final int[] laneStart;
  final byte[] kind; // ordinals of StepKind
  final int[] receivePeer; // -1 if none, as in Step
  final int[] sendPeer;
  final int[] chunk;
  final int[] afterStart; // step s waits for entries afterStart[s]...afterStart[s + 1] - 1
  final int[] afterLane;
  final int[] afterStep; // within its lane

  private StepArrays(Schedule schedule) {
    int lanes = schedule.lanes().size();
    laneStart = new int[lanes + 1];
    int dependencies = 0;
    for (int l = 0; l < lanes; l++) {
      laneStart[l + 1] = laneStart[l] + schedule.lanes().get(l).steps().size();
      for (Step step : schedule.lanes().get(l).steps()) {
        dependencies += step.after().size();
      }
    }
    int steps = laneStart[lanes];
    kind = new byte[steps];
    receivePeer = new int[steps];
    sendPeer = new int[steps];
    chunk = new int[steps];
    afterStart = new int[steps + 1];
    afterLane = new int[dependencies];
    afterStep = new int[dependencies];
  }

  static StepArrays of(Schedule schedule) {
    StepArrays arrays = new StepArrays(schedule);
    int chunks = schedule.partition().chunks();
    int s = 0;
    int d = 0;
    for (Lane lane : schedule.lanes()) {
      for (Step step : lane.steps()) {
        arrays.kind[s] = (byte) step.kind().ordinal();
        arrays.receivePeer[s] = step.receivePeer();
        arrays.sendPeer[s] = step.sendPeer();
        arrays.chunk[s] = step.shape().index() % chunks;
        for (Dependency dependency : step.after()) {
          arrays.afterLane[d] = dependency.lane();
          arrays.afterStep[d++] = dependency.step();
        }
        arrays.afterStart[++s] = d;
      }
    }
    return arrays;
  }

  int lanes() {
    return laneStart.length - 1;
  }

  int steps() {
    return kind.length;
  }

  /// Returns the number of steps of a lane, 0 for one that is not there.
  int steps(int lane) {
    return lane < lanes() ? laneStart[lane + 1] - laneStart[lane] : 0;
  }

  /// Returns the kind of an ordinal.
  static StepKind kindOf(int ordinal) {
    return KINDS[ordinal];
  }

  private static final StepKind[] KINDS = StepKind.values();
}
