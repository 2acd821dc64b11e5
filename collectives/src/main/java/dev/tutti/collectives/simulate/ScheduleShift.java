package dev.tutti.collectives.simulate;

import dev.tutti.collectives.schedule.Schedule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds out whether schedules repeat: whether rank r + k does what rank r does, with all peers
/// shifted by k (mod n) and the lanes renamed by a [Rotation].
///
/// The schedules of some ranks are made and compared step by step, with kinds, peers and
/// dependencies: ranks of the first unit of k, all if it is small, with those of another: the
/// second, one in the middle, the last, in turn. Chunks have the same length whatever their number,
/// since the partition must be even. Ranks in between are not looked at: an algorithm that treats
/// them otherwise would be mistaken for a regular one.
final class ScheduleShift {
  private static final int MOST_COMPARED = 8;

  private final ScheduleSource source;
  private final int unit;

  private ScheduleShift(ScheduleSource source, int unit) {
    this.source = source;
    this.unit = unit;
  }

  /// Returns how lanes are renamed when ranks are shifted by a unit, null if no way of renaming
  /// that is known here fits.
  ///
  /// @param unit divides the number of ranks
  /// @param host ranks of a host; divides the unit
  static @Nullable Rotation find(ScheduleSource source, int unit, int host) {
    Schedule first = source.schedule(0);
    if (!first.partition().isEven()) {
      return null;
    }
    int hosts = source.ranks() / host;
    ScheduleShift shift = new ScheduleShift(source, unit);
    StepArrays zero = StepArrays.of(first);
    StepArrays next = shift.make(unit);
    for (Rotation rotation :
        List.of(
            new Rotation(source.ranks(), unit), new Rotation(hosts, unit / host), Rotation.NONE)) {
      if (shift.repeats(zero, next, 1, rotation) && shift.repeatsEverywhere(rotation)) {
        return rotation;
      }
    }
    return null;
  }

  private StepArrays make(int rank) {
    return StepArrays.of(source.schedule(rank));
  }

  private boolean repeatsEverywhere(Rotation rotation) {
    int units = source.ranks() / unit;
    int stride = Math.ceilDiv(unit, MOST_COMPARED);
    int[] shifts = {units - 1, units / 2, 1};
    for (int rank = 0; rank < unit; rank += stride) {
      int shift = shifts[rank / stride % shifts.length];
      if (!repeats(make(rank), make(rank + shift * unit), shift, rotation)) {
        return false;
      }
    }
    return true;
  }

  private boolean repeats(StepArrays a, StepArrays b, int units, Rotation rotation) {
    if (a.steps() != b.steps()) {
      return false;
    }
    for (int lane = 0; lane < a.lanes(); lane++) {
      int other = rotation.shift(lane, units);
      if (a.steps(lane) != b.steps(other)) {
        return false;
      }
      for (int i = 0; i < a.steps(lane); i++) {
        if (!repeats(a, a.laneStart[lane] + i, b, b.laneStart[other] + i, units, rotation)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean repeats(StepArrays a, int s, StepArrays b, int t, int units, Rotation rotation) {
    int after = a.afterStart[s + 1] - a.afterStart[s];
    if (a.kind[s] != b.kind[t]
        || shifted(a.receivePeer[s], units) != b.receivePeer[t]
        || shifted(a.sendPeer[s], units) != b.sendPeer[t]
        || after != b.afterStart[t + 1] - b.afterStart[t]) {
      return false;
    }
    for (int i = 0; i < after; i++) {
      int d = a.afterStart[s] + i;
      if (!waits(b, t, rotation.shift(a.afterLane[d], units), a.afterStep[d])) {
        return false;
      }
    }
    return true;
  }

  private static boolean waits(StepArrays arrays, int step, int lane, int before) {
    for (int d = arrays.afterStart[step]; d < arrays.afterStart[step + 1]; d++) {
      if (arrays.afterLane[d] == lane && arrays.afterStep[d] == before) {
        return true;
      }
    }
    return false;
  }

  private int shifted(int peer, int units) {
    return peer < 0 ? peer : Math.floorMod(peer + units * unit, source.ranks());
  }
}
