package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Buffer;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/// Runs a [ScheduleSet] on vectors of longs, as a check that is independent of the verifier.
///
/// Slices are one element long and a channel holds one slice, so chunks do not fit into channels.
/// Lanes take turns in a random order, one slice at a time. With [Sends#RENDEZVOUS] a step that
/// sends completes only when all its slices were taken. Memory that a rank must not read holds
/// garbage.
final class ScheduleInterpreter {
  /// When a step that sends is complete.
  enum Sends {
    /// When the last slice is in the channel.
    BUFFERED,
    /// When the last slice was taken out of the channel.
    RENDEZVOUS
  }

  /// Where OUTPUT lies.
  enum Placement {
    IN_PLACE,
    OUT_OF_PLACE
  }

  private final ScheduleSet set;
  private final long elements;
  private final LongBinaryOperator operator;
  private final Sends sends;
  private final Random random;
  private final long[][] inputs;
  private final long[][] outputs;
  private final List<Map<Integer, long[]>> scratch = new ArrayList<>();
  private final Map<List<Integer>, Deque<Long>> channels = new HashMap<>();
  private final List<List<LaneRun>> lanes = new ArrayList<>();
  private final List<LaneRun> runnable = new ArrayList<>();

  /// Prepares a run; `elements` is the length of the full vector, see [Collective].
  ScheduleInterpreter(
      ScheduleSet set,
      long elements,
      LongBinaryOperator operator,
      Sends sends,
      Placement placement,
      long seed) {
    this.set = set;
    this.elements = elements;
    this.operator = operator;
    this.sends = sends;
    random = new Random(seed);
    inputs = new long[set.ranks()][];
    outputs = new long[set.ranks()][];
    for (int r = 0; r < set.ranks(); r++) {
      int row = row();
      inputs[r] = random.longs(row).toArray();
      for (int e = 0; e < row; e++) {
        if (isGiven(r, e)) {
          inputs[r][e] = value(r, e);
        }
      }
      outputs[r] = placement == Placement.IN_PLACE ? inputs[r] : random.longs(row).toArray();
      scratch.add(new HashMap<>());
      List<LaneRun> own = new ArrayList<>();
      Schedule schedule = set.schedules().get(r);
      for (int lane = 0; lane < schedule.lanes().size(); lane++) {
        own.add(new LaneRun(r, lane, schedule.lanes().get(lane).steps()));
      }
      lanes.add(own);
    }
  }

  /// Returns what INPUT of a rank holds at an element.
  static long value(int rank, int element) {
    long x = (rank + 1) * 0x9E3779B97F4A7C15L + (element + 1) * 0xC2B2AE3D27D4EB4FL;
    x = (x ^ (x >>> 31)) * 0xBF58476D1CE4E5B9L;
    return x ^ (x >>> 29);
  }

  /// Runs to the end and returns OUTPUT of every rank.
  ///
  /// @throws AssertionError if the lanes block each other
  long[][] run() {
    lanes.forEach(own -> own.forEach(this::wake));
    while (!runnable.isEmpty()) {
      int last = runnable.size() - 1;
      int picked = random.nextInt(last + 1);
      LaneRun lane = runnable.set(picked, runnable.get(last));
      runnable.removeLast();
      lane.queued = false;
      if (lane.advance()) {
        wake(lane);
      }
    }
    for (List<LaneRun> own : lanes) {
      for (LaneRun lane : own) {
        if (lane.step != null) {
          throw new AssertionError(
              "deadlock: rank " + lane.rank + " lane " + lane.lane + " is blocked at " + lane.step);
        }
      }
    }
    return outputs;
  }

  /// Returns the number of elements of a rank's buffers.
  private int row() {
    boolean pairs = set.collective() == Collective.ALL_TO_ALL;
    return Math.toIntExact(pairs ? elements / set.ranks() : elements);
  }

  private boolean isGiven(int rank, long element) {
    return switch (set.collective()) {
      case ALL_REDUCE, REDUCE_SCATTER, REDUCE, ALL_TO_ALL, SCAN, EXCLUSIVE_SCAN -> true;
      case BROADCAST, SCATTER -> rank == set.root();
      case ALL_GATHER, GATHER -> element / (elements / set.ranks()) == rank;
      case BARRIER -> false;
    };
  }

  private void wake(@Nullable LaneRun lane) {
    if (lane != null && !lane.queued && lane.step != null) {
      lane.queued = true;
      runnable.add(lane);
    }
  }

  private @Nullable LaneRun lane(int rank, int lane) {
    return lane < lanes.get(rank).size() ? lanes.get(rank).get(lane) : null;
  }

  private long[] memory(int rank, Operand operand) {
    return switch (operand.buffer()) {
      case INPUT -> inputs[rank];
      case OUTPUT -> outputs[rank];
      case SCRATCH ->
          scratch
              .get(rank)
              .computeIfAbsent(
                  operand.index() / set.partition().chunks(),
                  _ -> random.longs(elements).toArray());
    };
  }

  private int start(Operand operand) {
    int chunk = operand.index() % set.partition().chunks();
    int start = Math.toIntExact(set.partition().start(chunk, elements));
    if (set.collective() != Collective.ALL_TO_ALL || operand.buffer() == Buffer.SCRATCH) {
      return start;
    }
    int n = set.ranks();
    int pair = chunk / (set.partition().chunks() / (n * n));
    int other = operand.buffer() == Buffer.INPUT ? pair % n : pair / n;
    return start + (other - pair) * (row() / n);
  }

  private Deque<Long> channel(int from, int to, int lane) {
    return channels.computeIfAbsent(List.of(from, to, lane), _ -> new ArrayDeque<>());
  }

  /// The execution of one lane of one rank.
  private final class LaneRun {
    private final int rank;
    private final int lane;
    private final List<Step> steps;
    private final List<LaneRun> waiters = new ArrayList<>();
    private boolean queued;
    private int completed;
    private int slices;
    private int begun;
    private @Nullable Long held;
    private @Nullable Step step;

    LaneRun(int rank, int lane, List<Step> steps) {
      this.rank = rank;
      this.lane = lane;
      this.steps = steps;
      load();
    }

    private void load() {
      begun = 0;
      step = completed < steps.size() ? steps.get(completed) : null;
      if (step != null) {
        int chunk = step.shape().index() % set.partition().chunks();
        slices = Math.max(1, Math.toIntExact(set.partition().length(chunk, elements)));
      }
    }

    /// Moves at most one slice; returns whether anything moved.
    boolean advance() {
      Step s = step;
      if (s == null || (begun == 0 && isWaiting(s))) {
        return false;
      }
      boolean begins = begin(s);
      boolean moved = send(s) || begins;
      boolean taken =
          !s.kind().sends()
              || sends == Sends.BUFFERED
              || channel(rank, s.sendPeer(), lane).isEmpty();
      if (begun == slices && held == null && taken) {
        completed++;
        load();
        waiters.forEach(ScheduleInterpreter.this::wake);
        waiters.clear();
        return true;
      }
      return moved;
    }

    private boolean isWaiting(Step s) {
      for (Dependency d : s.after()) {
        LaneRun other = lanes.get(rank).get(d.lane());
        if (other.completed <= d.step()) {
          other.waiters.add(this);
          return true;
        }
      }
      return false;
    }

    /// Receives or reads one slice, computes and stores it, unless the one before is still held.
    private boolean begin(Step s) {
      if (held != null || begun == slices) {
        return false;
      }
      long received = 0;
      if (s.kind().receives()) {
        Deque<Long> channel = channel(s.receivePeer(), rank, lane);
        if (channel.isEmpty()) {
          return false;
        }
        received = channel.remove();
        wake(lane(s.receivePeer(), lane));
      }
      long result = received;
      if (begun < set.partition().length(s.shape().index() % set.partition().chunks(), elements)) {
        result = compute(s, received);
      }
      held = s.kind().sends() ? result : null;
      begun++;
      return true;
    }

    private long compute(Step s, long received) {
      Operand source = s.source();
      Operand target = s.target();
      long read = source == null ? 0 : memory(rank, source)[start(source) + begun];
      long result =
          switch (s.kind()) {
            case COPY, SEND -> read;
            case RECV, RECV_FORWARD -> received;
            case RECV_REDUCE, RECV_REDUCE_SEND, RECV_REDUCE_FORWARD ->
                operator.applyAsLong(read, received);
            case REDUCE ->
                operator.applyAsLong(memory(rank, s.shape())[start(s.shape()) + begun], read);
          };
      if (target != null) {
        if (target.buffer() == Buffer.INPUT) {
          throw new AssertionError("rank " + rank + " writes INPUT: " + s);
        }
        memory(rank, target)[start(target) + begun] = result;
      }
      return result;
    }

    private boolean send(Step s) {
      Long slice = held;
      if (slice == null) {
        return false;
      }
      Deque<Long> channel = channel(rank, s.sendPeer(), lane);
      if (!channel.isEmpty()) {
        return false;
      }
      channel.add(slice);
      held = null;
      wake(ScheduleInterpreter.this.lane(s.sendPeer(), lane));
      return true;
    }
  }
}
