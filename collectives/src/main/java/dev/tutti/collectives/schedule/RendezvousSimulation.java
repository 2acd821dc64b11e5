package dev.tutti.collectives.schedule;

import java.util.Arrays;

/// Runs a schedule set with chunks much longer than what channels hold.
///
/// Steps that messages connect form a *chain*: a SEND, steps that receive and send on, and a last
/// receive. With bounded channels and a chunk of arbitrarily many slices, no step of a chain can
/// complete before all of them have started, and once they have, slices flow from one end to the
/// other and all complete. A local step is a chain of its own.
///
/// Example: on lane 0 of rank 0 `send I0 >1`, rank 1 `recv-forward O0 = <0 >2`, rank 2 `recv O0 =
/// <1`: as long as rank 2 does something else, rank 1 and then rank 0 run out of slots and block.
final class RendezvousSimulation extends ProgressSimulation {
  private final Messages messages;

  /// First step of the chain of each step.
  private final int[] head;

  /// Steps of the chain that have not started yet, by its first step.
  private final int[] missing;

  private final boolean[] started;

  RendezvousSimulation(StepTable table, Messages messages) {
    super(table);
    this.messages = messages;
    head = new int[table.steps];
    missing = new int[table.steps];
    started = new boolean[table.lanes()];
    Arrays.fill(head, -1);
    for (int step = 0; step < table.steps; step++) {
      if (messages.sender[step] < 0) {
        for (int s = step; s >= 0; s = messages.receiver[s]) {
          head[s] = step;
          missing[step]++;
        }
      }
    }
    for (int step : head) {
      if (step < 0) {
        throw new IllegalArgumentException("a message goes in a circle");
      }
    }
  }

  @Override
  void advance(int lane) {
    while (!started[lane] && current[lane] < table.firstStep[lane + 1]) {
      int dependency = missingDependency(current[lane]);
      if (dependency != READY) {
        await(lane, dependency);
        return;
      }
      started[lane] = true;
      int first = head[current[lane]];
      if (--missing[first] == 0) {
        for (int s = first; s >= 0; s = messages.receiver[s]) {
          int member = table.laneOf[s];
          started[member] = false;
          complete(member);
          if (member != lane) {
            enqueue(member);
          }
        }
      }
    }
  }

  @Override
  int blockerOf(int lane) {
    int step = current[lane];
    if (!started[lane]) {
      return missingDependency(step);
    }
    int member = head[step];
    while (current[table.laneOf[member]] == member && started[table.laneOf[member]]) {
      member = messages.receiver[member];
    }
    return member;
  }
}
