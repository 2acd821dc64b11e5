package dev.tutti.collectives.schedule;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Answers whether one step of a rank is over before another begins, in every run.
///
/// Time is counted in steps of one lane T: `begun[s]` is how many steps of T have completed when
/// step s begins to touch memory, `ended[s]` when it has completed. Vector clocks would hold these
/// numbers for all T at once, of which almost none is ever needed; here they are computed for one T
/// when somebody asks. Rules, for step s:
///
/// * the previous step of the lane, and each step in `after`: `begun[s] >= ended[that]`;
/// * a message from x to s: `begun[s] >= begun[x]` because s begins with the first slice, which x
///   sends after it has begun; `ended[s] >= ended[x]` because the last slice comes when x has done
///   its work. A fused step therefore passes on what it knows slice by slice, not only at its end.
///
/// That a full channel makes a sender wait is not used: the number of slots may change. Two
/// contracts of the engine follow: a chunk without elements still travels as one (empty) slice, and
/// a step publishes a slice only after it has stored that slice in its own target.
///
/// The rules inside the rank are tried first, O(steps of the rank) once per lane; those over
/// messages cost O(steps) once per lane for which they are needed.
final class HappensBefore {
  private final StepTable table;
  private final Messages messages;
  private final int[] order;
  private final int[] rankOrder;
  private final int[] firstOfRank;
  private final int[] begun;
  private final int[] ended;
  private final int[] @Nullable [] inside;
  private final int[] @Nullable [] overall;

  /// Takes all steps in an order that respects lanes, dependencies and messages.
  HappensBefore(StepTable table, Messages messages, int[] order) {
    this.table = table;
    this.messages = messages;
    this.order = order;
    this.begun = new int[table.steps];
    this.ended = new int[table.steps];
    this.inside = new int[table.lanes()][];
    this.overall = new int[table.lanes()][];
    this.rankOrder = new int[table.steps];
    this.firstOfRank = new int[table.ranks + 1];
    for (int r = 0; r <= table.ranks; r++) {
      firstOfRank[r] = table.firstStepOfRank(r);
    }
    int[] next = firstOfRank.clone();
    for (int step : order) {
      rankOrder[next[table.rankOf(step)]++] = step;
    }
  }

  /// Returns the steps of a rank in an order that respects lanes, dependencies and messages.
  int stepOfRank(int rank, int index) {
    return rankOrder[firstOfRank[rank] + index];
  }

  int stepsOfRank(int rank) {
    return firstOfRank[rank + 1] - firstOfRank[rank];
  }

  /// Returns whether x is over before s begins. Both are steps of the same rank.
  boolean isBefore(int x, int s) {
    int lane = table.laneOf[x];
    for (int d = table.firstDependency[s]; d < table.firstDependency[s + 1]; d++) {
      if (table.laneOf[table.dependency[d]] == lane && table.dependency[d] >= x) {
        return true; // spares the counting in most schedules
      }
    }
    int rank = table.rankOfLane[lane];
    int index = table.localStep(x);
    int column = s - firstOfRank[rank];
    int[] known = inside[lane];
    if (known == null) {
      count(lane, rankOrder, firstOfRank[rank], firstOfRank[rank + 1], false);
      known = Arrays.copyOfRange(begun, firstOfRank[rank], firstOfRank[rank + 1]);
      inside[lane] = known;
    }
    if (known[column] > index) {
      return true;
    }
    known = overall[lane];
    if (known == null) {
      count(lane, order, 0, order.length, true);
      known = Arrays.copyOfRange(begun, firstOfRank[rank], firstOfRank[rank + 1]);
      overall[lane] = known;
    }
    return known[column] > index;
  }

  /// Returns, per rank, whether all its steps together end after a given rank has begun.
  boolean[] endAfterBeginOf(int rank) {
    boolean[] known = new boolean[table.ranks];
    known[rank] = true;
    boolean[] knows = new boolean[table.steps];
    for (int s : order) {
      boolean k = table.rankOf(s) == rank || (table.localStep(s) > 0 && knows[s - 1]);
      for (int d = table.firstDependency[s]; d < table.firstDependency[s + 1]; d++) {
        k |= knows[table.dependency[d]];
      }
      int sender = messages.sender[s];
      k |= sender >= 0 && knows[sender];
      knows[s] = k;
      known[table.rankOf(s)] |= k;
    }
    return known;
  }

  private void count(int lane, int[] steps, int from, int to, boolean overMessages) {
    for (int i = from; i < to; i++) {
      int s = steps[i];
      int b = table.localStep(s) == 0 ? 0 : ended[s - 1];
      for (int d = table.firstDependency[s]; d < table.firstDependency[s + 1]; d++) {
        b = Math.max(b, ended[table.dependency[d]]);
      }
      int e = b;
      int sender = overMessages ? messages.sender[s] : -1;
      if (sender >= 0) {
        b = Math.max(b, begun[sender]);
        e = Math.max(b, ended[sender]);
      }
      begun[s] = b;
      ended[s] = table.laneOf[s] == lane ? table.localStep(s) + 1 : e;
    }
  }
}
