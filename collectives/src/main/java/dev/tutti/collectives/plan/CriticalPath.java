package dev.tutti.collectives.plan;

import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/// The longest chain of messages in a schedule, each of which waits for the one before.
///
/// All steps run in order of their lanes as soon as what they wait for is there; only messages take
/// time, and no message waits for another's bytes. O(steps · length of the chain) at worst.
final class CriticalPath {
  private final Map<Channel, Queue<Double>> underway = new HashMap<>(); // when each was sent
  private final double[][][] finished; // [rank][lane][step]
  private final int[][] next; // [rank][lane]
  private final Cost cost;
  private double longest;

  /// What a message costs, in any unit.
  @FunctionalInterface
  interface Cost {
    /// @param step the receiving one
    double of(int from, int to, Step step);
  }

  private record Channel(int from, int to, int lane) {}

  private CriticalPath(ScheduleSet set, Cost cost) {
    this.cost = cost;
    this.finished = new double[set.ranks()][][];
    this.next = new int[set.ranks()][];
    for (int rank = 0; rank < set.ranks(); rank++) {
      List<Lane> lanes = set.schedules().get(rank).lanes();
      finished[rank] = new double[lanes.size()][];
      next[rank] = new int[lanes.size()];
      for (int lane = 0; lane < lanes.size(); lane++) {
        finished[rank][lane] = new double[lanes.get(lane).steps().size()];
      }
    }
  }

  /// Returns what the chain costs whose messages together cost most.
  static double longest(ScheduleSet set, Cost cost) {
    CriticalPath path = new CriticalPath(set, cost);
    boolean moved = true;
    while (moved) {
      moved = false;
      for (int rank = 0; rank < set.ranks(); rank++) {
        Schedule schedule = set.schedules().get(rank);
        for (int lane = 0; lane < schedule.lanes().size(); lane++) {
          moved |= path.advance(rank, lane, schedule.lanes().get(lane).steps());
        }
      }
    }
    return path.longest;
  }

  /// Runs the steps of a lane that can run; returns whether there were any.
  private boolean advance(int rank, int lane, List<Step> steps) {
    int before = next[rank][lane];
    while (next[rank][lane] < steps.size() && run(rank, lane, steps.get(next[rank][lane]))) {
      next[rank][lane]++;
    }
    return next[rank][lane] > before;
  }

  private boolean run(int rank, int lane, Step step) {
    int index = next[rank][lane];
    double time = index == 0 ? 0 : finished[rank][lane][index - 1];
    for (Dependency before : step.after()) {
      if (next[rank][before.lane()] <= before.step()) {
        return false;
      }
      time = Math.max(time, finished[rank][before.lane()][before.step()]);
    }
    if (step.kind().receives()) {
      int from = step.receivePeer();
      Double sent = messages(from, rank, lane).poll();
      if (sent == null) {
        return false;
      }
      time = Math.max(time, sent + cost.of(from, rank, step));
    }
    if (step.kind().sends()) {
      messages(rank, step.sendPeer(), lane).add(time);
    }
    finished[rank][lane][index] = time;
    longest = Math.max(longest, time);
    return true;
  }

  private Queue<Double> messages(int from, int to, int lane) {
    return underway.computeIfAbsent(new Channel(from, to, lane), _ -> new ArrayDeque<>());
  }
}
