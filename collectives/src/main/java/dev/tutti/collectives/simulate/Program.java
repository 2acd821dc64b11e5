package dev.tutti.collectives.simulate;

import dev.tutti.collectives.schedule.StepKind;

/// The steps of the simulated ranks, each sending step joined to the step that receives.
///
/// With a symmetry only ranks 0...unit - 1 are there. A message that leaves them is one that enters
/// them from the other side: what rank a of the first unit sends to rank b of unit u, rank b of the
/// first unit gets from rank a of unit -u. Both are one *pair* (a, distance from a to b), and with
/// the lane as its sender in the first unit calls it, one *channel*; the i-th send of a channel
/// meets its i-th receive.
///
/// Memory is some 120 bytes per step, with the state of [FlowSimulation].
final class Program {
  private static final int KIND = 7;
  private static final int LAST = 8;
  private static final int SENDS = 16;
  private static final int RECEIVES = 32;
  private static final int REDUCES = 64;

  final int ranks; // of the world
  final int unit; // simulated
  final int steps;
  final int lanes; // of all simulated ranks
  final int[] laneStart; // first step of each lane, [lanes] = steps
  final int[] laneNumber; // of each lane within its rank
  final int[] machine; // by step: the rank that executes it
  final int[] pair; // by sending step: whom it sends to, -1 if it does not send
  final int[] channel; // by sending step
  final int[] sink; // by sending step: the step that receives
  final int[] feed; // by receiving step: the step that sends, -1 if it does not receive
  final int[] chunk; // by step
  final int[] waits; // by step: how many steps must be complete before it starts
  final int[] followStart; // step s is waited for by followers[followStart[s]...]
  final int[] followers;
  final LongTable pairs = new LongTable();
  int channels;

  private final byte[] flags; // kind, and whether the step is the last of its lane
  private final Rotation rotation;

  private Program(StepArrays[] schedules, int ranks, Rotation rotation) {
    this.ranks = ranks;
    this.unit = schedules.length;
    this.rotation = rotation;
    int laneCount = 0;
    int stepCount = 0;
    for (StepArrays schedule : schedules) {
      laneCount += schedule.lanes();
      stepCount += schedule.steps();
    }
    lanes = laneCount;
    steps = stepCount;
    laneStart = new int[lanes + 1];
    laneNumber = new int[lanes];
    machine = new int[steps];
    pair = new int[steps];
    channel = new int[steps];
    sink = new int[steps];
    feed = new int[steps];
    chunk = new int[steps];
    waits = new int[steps];
    flags = new byte[steps];
    followStart = new int[steps + 1];
    int lane = 0;
    int step = 0;
    for (int rank = 0; rank < unit; rank++) {
      StepArrays schedule = schedules[rank];
      for (int l = 0; l < schedule.lanes(); l++) {
        laneNumber[lane] = l;
        laneStart[lane++] = step;
        step += schedule.steps(l);
      }
    }
    laneStart[lanes] = steps;
    followers = new int[joinOrder(schedules)];
    fillFollowers(schedules);
  }

  /// Joins schedules.
  ///
  /// @param schedules of ranks 0...unit - 1
  /// @param ranks of the world, a multiple of the unit
  /// @param rotation how lanes are renamed from unit to unit
  /// @throws IllegalArgumentException if a message is sent that nobody receives, or the reverse
  static Program link(StepArrays[] schedules, int ranks, Rotation rotation) {
    Program program = new Program(schedules, ranks, rotation);
    program.joinMessages(schedules);
    return program;
  }

  StepKind kind(int step) {
    return StepArrays.kindOf(flags[step] & KIND);
  }

  boolean isLast(int step) {
    return (flags[step] & LAST) != 0;
  }

  boolean sends(int step) {
    return (flags[step] & SENDS) != 0;
  }

  boolean receives(int step) {
    return (flags[step] & RECEIVES) != 0;
  }

  boolean reduces(int step) {
    return (flags[step] & REDUCES) != 0;
  }

  private static byte flags(int ordinal) {
    StepKind kind = StepArrays.kindOf(ordinal);
    int sends = kind.sends() ? SENDS : 0;
    int receives = kind.receives() ? RECEIVES : 0;
    return (byte) (ordinal | sends | receives | (kind.reduces() ? REDUCES : 0));
  }

  /// Returns the rank of the first unit that sends over a pair.
  int sender(int p) {
    return (int) (pairs.key(p) / ranks);
  }

  /// Returns the rank that a pair leads to.
  int receiver(int p) {
    return (int) ((pairs.key(p) / ranks + pairs.key(p) % ranks) % ranks);
  }

  /// Returns the lane of a step within its rank.
  int laneNumber(int step) {
    int low = 0;
    int high = lanes; // laneStart[low] <= step < laneStart[high]
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (laneStart[middle] <= step) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return laneNumber[low];
  }

  /// Fills what does not depend on other ranks; returns the number of dependencies.
  private int joinOrder(StepArrays[] schedules) {
    int base = 0;
    for (int rank = 0; rank < unit; rank++) {
      StepArrays schedule = schedules[rank];
      for (int s = 0; s < schedule.steps(); s++) {
        machine[base + s] = rank;
        chunk[base + s] = schedule.chunk[s];
        flags[base + s] = flags(schedule.kind[s]);
        waits[base + s] = schedule.afterStart[s + 1] - schedule.afterStart[s];
        for (int d = schedule.afterStart[s]; d < schedule.afterStart[s + 1]; d++) {
          followStart[base + before(schedule, rank, d) + 1]++;
        }
      }
      base += schedule.steps();
    }
    for (int lane = 0; lane < lanes; lane++) {
      if (laneStart[lane] < laneStart[lane + 1]) {
        flags[laneStart[lane + 1] - 1] |= LAST;
      }
      for (int s = laneStart[lane] + 1; s < laneStart[lane + 1]; s++) {
        waits[s]++;
      }
    }
    for (int s = 0; s < steps; s++) {
      followStart[s + 1] += followStart[s];
    }
    return followStart[steps];
  }

  private static int before(StepArrays schedule, int rank, int dependency) {
    int lane = schedule.afterLane[dependency];
    int step = schedule.afterStep[dependency];
    if (step >= schedule.steps(lane)) {
      throw new IllegalArgumentException(
          "rank "
              + rank
              + " has a step that waits for step "
              + step
              + " of lane "
              + lane
              + ", which is not there");
    }
    return schedule.laneStart[lane] + step;
  }

  private void fillFollowers(StepArrays[] schedules) {
    int[] next = followStart.clone();
    int base = 0;
    for (int rank = 0; rank < unit; rank++) {
      StepArrays schedule = schedules[rank];
      for (int s = 0; s < schedule.steps(); s++) {
        for (int d = schedule.afterStart[s]; d < schedule.afterStart[s + 1]; d++) {
          followers[next[base + before(schedule, rank, d)]++] = base + s;
        }
      }
      base += schedule.steps();
    }
  }

  private void joinMessages(StepArrays[] schedules) {
    LongTable byLane = new LongTable();
    int[] receivedOn = new int[steps];
    int laneLimit = laneLimit(schedules);
    int base = 0;
    for (int rank = 0; rank < unit; rank++) {
      StepArrays schedule = schedules[rank];
      for (int lane = 0; lane < schedule.lanes(); lane++) {
        for (int s = schedule.laneStart[lane]; s < schedule.laneStart[lane + 1]; s++) {
          int to = schedule.sendPeer[s];
          pair[base + s] = to < 0 ? -1 : pairs.add(key(rank, to));
          channel[base + s] = to < 0 ? -1 : byLane.add((long) pair[base + s] * laneLimit + lane);
          int from = schedule.receivePeer[s];
          receivedOn[base + s] = -1;
          if (from >= 0) {
            int its = pairs.add(key(from % unit, from % unit + Math.floorMod(rank - from, ranks)));
            int name = rotation.shift(lane, -(from / unit));
            receivedOn[base + s] = byLane.add((long) its * laneLimit + name);
          }
        }
      }
      base += schedule.steps();
    }
    channels = byLane.size();
    match(receivedOn);
  }

  private long key(int from, int to) {
    return (long) from * ranks + Math.floorMod(to - from, ranks);
  }

  /// Returns a number above that of any lane, in whole blocks, so that renamed lanes are below too.
  private int laneLimit(StepArrays[] schedules) {
    int most = 1;
    for (StepArrays schedule : schedules) {
      most = Math.max(most, schedule.lanes());
    }
    return Math.ceilDiv(most, rotation.block()) * rotation.block();
  }

  /// Pairs the i-th send of each channel with its i-th receive.
  private void match(int[] receivedOn) {
    int[] start = new int[channels + 1];
    for (int s = 0; s < steps; s++) {
      if (channel[s] >= 0) {
        start[channel[s] + 1]++;
      }
    }
    for (int c = 0; c < channels; c++) {
      start[c + 1] += start[c];
    }
    int[] next = start.clone();
    int[] sends = new int[start[channels]];
    for (int s = 0; s < steps; s++) {
      sink[s] = -1;
      feed[s] = -1;
      if (channel[s] >= 0) {
        sends[next[channel[s]]++] = s;
      }
    }
    System.arraycopy(start, 0, next, 0, channels);
    for (int s = 0; s < steps; s++) {
      int c = receivedOn[s];
      if (c >= 0) {
        if (next[c] == start[c + 1]) {
          throw new IllegalArgumentException(unmatched(s, "receives a message that nobody sends"));
        }
        int sender = sends[next[c]++];
        sink[sender] = s;
        feed[s] = sender;
      }
    }
    for (int s = 0; s < steps; s++) {
      if (channel[s] >= 0 && sink[s] < 0) {
        throw new IllegalArgumentException(unmatched(s, "sends a message that nobody receives"));
      }
    }
  }

  private String unmatched(int step, String what) {
    return "rank " + machine[step] + ", lane " + laneNumber(step) + ": a step " + what;
  }
}
