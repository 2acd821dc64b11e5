package dev.tutti.collectives.schedule;

import java.util.Arrays;

/// Runs the control flow of a schedule set, without data, as far as it gets.
///
/// Each lane is a sequential process that waits only for one definite thing at a time: a step of
/// another lane (dependency), the next message of one channel, or a free place in one channel. No
/// lane ever chooses between two events. Such a network is a Kahn process network: the order in
/// which lanes are run changes neither which steps complete nor which messages meet, so one run
/// stands for all interleavings, and a run that gets stuck proves a deadlock of every run.
///
/// Subclasses differ in when a step completes. O(steps + dependencies) per run.
abstract sealed class ProgressSimulation permits SlotSimulation, RendezvousSimulation {
  /// Says that the current step of a lane is not blocked.
  static final int READY = -1;

  final StepTable table;

  /// First step of each lane that has not completed.
  final int[] current;

  /// First lane that waits for each step, and the next lane that waits for the same step; -1 if
  /// none.
  private final int[] firstWaiter;

  private final int[] nextWaiter;
  private final int[] queue;
  private final boolean[] queued;
  private int queueHead;
  private int queueSize;
  private int completed;

  ProgressSimulation(StepTable table) {
    this.table = table;
    int lanes = table.lanes();
    current = Arrays.copyOf(table.firstStep, lanes);
    firstWaiter = new int[table.steps];
    nextWaiter = new int[lanes];
    queue = new int[lanes];
    queued = new boolean[lanes];
    Arrays.fill(firstWaiter, -1);
    for (int lane = 0; lane < lanes; lane++) {
      enqueue(lane);
    }
  }

  /// Runs until nothing moves; returns whether every step has completed.
  final boolean run() {
    while (queueSize > 0) {
      int lane = queue[queueHead];
      queueHead = queueHead + 1 == queue.length ? 0 : queueHead + 1;
      queueSize--;
      queued[lane] = false;
      advance(lane);
    }
    return completed == table.steps;
  }

  /// Lets a lane run until it is blocked, with [#complete] for every completed step and [#await] at
  /// the end.
  abstract void advance(int lane);

  /// Returns a step that must complete, or start, before the current step of a stuck lane can
  /// complete.
  abstract int blockerOf(int lane);

  final boolean hasCompleted(int step) {
    return current[table.laneOf[step]] > step;
  }

  /// Returns a dependency of a step that has not completed, or [#READY].
  final int missingDependency(int step) {
    for (int i = table.firstDependency[step]; i < table.firstDependency[step + 1]; i++) {
      if (!hasCompleted(table.dependency[i])) {
        return table.dependency[i];
      }
    }
    return READY;
  }

  /// Notes that the current step of a lane has completed and wakes the lanes that wait for it.
  final void complete(int lane) {
    int step = current[lane]++;
    completed++;
    for (int waiter = firstWaiter[step]; waiter >= 0; waiter = nextWaiter[waiter]) {
      enqueue(waiter);
    }
  }

  /// Makes a lane sleep until a step of another lane has completed.
  final void await(int lane, int step) {
    nextWaiter[lane] = firstWaiter[step];
    firstWaiter[step] = lane;
  }

  final void enqueue(int lane) {
    if (!queued[lane]) {
      queued[lane] = true;
      int tail = queueHead + queueSize;
      queue[tail >= queue.length ? tail - queue.length : tail] = lane;
      queueSize++;
    }
  }

  /// Returns the steps of a cycle of waiting lanes, in order: each waits for the next and the last
  /// for the first. Requires that the run got stuck.
  final int[] cycle() {
    int lane = 0;
    while (current[lane] == table.firstStep[lane + 1]) {
      lane++;
    }
    for (int i = 0; i < table.lanes(); i++) { // whoever follows the waits that long is in a cycle
      lane = table.laneOf[blockerOf(lane)];
    }
    int[] steps = new int[table.lanes()];
    int length = 0;
    int start = lane;
    do {
      steps[length++] = current[lane];
      lane = table.laneOf[blockerOf(lane)];
    } while (lane != start);
    return Arrays.copyOf(steps, length);
  }

  /// Returns whether the lanes of a cycle wait for their dependencies, not for messages or slots.
  final boolean waitsForDependenciesOnly(int[] cycle) {
    for (int step : cycle) {
      if (missingDependency(step) == READY) {
        return false;
      }
    }
    return true;
  }
}
