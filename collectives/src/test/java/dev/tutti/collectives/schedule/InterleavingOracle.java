package dev.tutti.collectives.schedule;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/// Executes a schedule set on real data in one interleaving and judges the result; knows nothing of
/// the verifier.
///
/// Every element of every buffer starts as a random 64-bit number, and sums wrap, so that a wrong,
/// missing or repeated contribution shows (up to a chance of 2^-64). A slice is one element; an
/// empty chunk is one empty slice. For each slice a lane takes three actions, between which other
/// lanes may run: take the received slice and read the operands, store the target, publish the
/// slice. Which lane acts next follows random priorities that change now and then, which finds
/// races better than a fair coin (Burckhardt et al., ASPLOS 2010).
final class InterleavingOracle {
  /// How to run.
  ///
  /// @param elements length of the full vector
  /// @param capacity slices that a channel holds
  /// @param inPlace whether INPUT and OUTPUT are the same memory
  /// @param seed seed of data and interleaving
  record Run(long elements, int capacity, boolean inPlace, long seed) {}

  private static final int READ = 0;
  private static final int STORE = 1;
  private static final int PUBLISH = 2;

  private final ScheduleSet set;
  private final Run run;
  private final LongBinaryOperator operator;
  private final SplittableRandom random;
  private final boolean freesSlotsLate;
  private final double changeRate;
  private final Map<Long, Queue<Long>> channels = new HashMap<>();
  private final LaneState[] lanes;
  private final int[] firstLane;
  private final int vector;
  private final long[][] inputs;
  final long[][] input;
  final long[][] output;
  private final long[][] scratch;
  private int heldRank = -1;
  private @Nullable String failure;

  /// Where a lane is.
  private static final class LaneState {
    final Schedule schedule;
    final int lane;
    double priority;
    int step;
    int slice;
    int phase = READ;
    long value;

    LaneState(Schedule schedule, int lane) {
      this.schedule = schedule;
      this.lane = lane;
    }

    boolean isDone() {
      return step == schedule.lanes().get(lane).steps().size();
    }

    Step current() {
      return schedule.lanes().get(lane).steps().get(step);
    }
  }

  InterleavingOracle(ScheduleSet set, Run run, LongBinaryOperator operator) {
    this.set = set;
    this.run = run;
    this.operator = operator;
    random = new SplittableRandom(run.seed());
    freesSlotsLate = random.nextBoolean();
    changeRate = random.nextInt(3) * 0.15;
    vector = Math.toIntExact(run.elements());
    int n = set.ranks();
    input = new long[n][];
    output = new long[n][];
    scratch = new long[n][];
    firstLane = new int[n + 1];
    for (int r = 0; r < n; r++) {
      Schedule schedule = set.schedules().get(r);
      int row = set.collective() == Collective.ALL_TO_ALL ? vector / n : vector;
      input[r] = randoms(row);
      output[r] = run.inPlace() ? input[r] : randoms(row);
      scratch[r] = randoms(Math.min(schedule.scratchCopies(), 64) * vector);
      firstLane[r + 1] = firstLane[r] + schedule.lanes().size();
    }
    inputs = Arrays.stream(input).map(long[]::clone).toArray(long[][]::new);
    lanes = new LaneState[firstLane[n]];
    for (int r = 0; r < n; r++) {
      for (int l = 0; l < set.schedules().get(r).lanes().size(); l++) {
        lanes[firstLane[r] + l] = new LaneState(set.schedules().get(r), l);
        lanes[firstLane[r] + l].priority = random.nextDouble();
      }
    }
  }

  private long[] randoms(int length) {
    return random.longs(length).toArray();
  }

  /// Runs a set once; returns what went wrong, null if nothing did.
  static @Nullable String judge(ScheduleSet set, Run run) {
    InterleavingOracle oracle = new InterleavingOracle(set, run, Long::sum);
    if (set.collective() == Collective.BARRIER) {
      oracle.heldRank = (int) Long.remainderUnsigned(run.seed(), set.ranks());
    }
    return oracle.judge();
  }

  @Nullable String judge() {
    execute();
    if (heldRank >= 0 && failure == null) {
      checkNobodyLeft();
      heldRank = -1;
      execute();
    }
    if (failure == null) {
      checkEnd();
    }
    return failure;
  }

  private void checkNobodyLeft() {
    for (int r = 0; r < set.ranks(); r++) {
      boolean done = r != heldRank;
      for (int l = firstLane[r]; l < firstLane[r + 1]; l++) {
        done &= lanes[l].isDone();
      }
      if (done) {
        failure = "rank " + r + " leaves before rank " + heldRank + " has entered";
      }
    }
  }

  private void execute() {
    LaneState[] order = lanes.clone();
    boolean moved = true;
    while (moved && failure == null) {
      Arrays.sort(order, (a, b) -> Double.compare(b.priority, a.priority));
      moved = false;
      for (LaneState lane : order) {
        if (lane.schedule.rank() != heldRank && act(lane)) {
          moved = true;
          if (random.nextDouble() >= changeRate) {
            while (failure == null && random.nextInt(64) != 0 && act(lane)) {}
          }
          lane.priority = random.nextDouble() < changeRate ? random.nextDouble() : lane.priority;
          break;
        }
      }
    }
  }

  /// Lets a lane take one action; returns false if it cannot.
  private boolean act(LaneState lane) {
    if (lane.isDone() || failure != null) {
      return false;
    }
    Step step = lane.current();
    return switch (lane.phase) {
      case READ -> read(lane, step);
      case STORE -> store(lane, step);
      default -> publish(lane, step);
    };
  }

  private boolean read(LaneState lane, Step step) {
    if (lane.slice == 0) {
      for (Dependency d : step.after()) {
        if (!isDone(lane.schedule.rank(), d)) {
          return false;
        }
      }
    }
    long received = 0;
    if (step.kind().receives()) {
      Queue<Long> channel = channel(step.receivePeer(), lane.schedule.rank(), lane.lane);
      if (channel.isEmpty()) {
        return false;
      }
      received = freesSlotsLate ? channel.element() : channel.remove();
    }
    long source = access(lane, step.source(), false, 0);
    lane.value =
        switch (step.kind()) {
          case COPY, SEND -> source;
          case REDUCE -> operator.applyAsLong(access(lane, step.target(), false, 0), source);
          case RECV, RECV_FORWARD -> received;
          case RECV_REDUCE, RECV_REDUCE_SEND, RECV_REDUCE_FORWARD ->
              operator.applyAsLong(source, received);
        };
    lane.phase = STORE;
    return true;
  }

  private boolean store(LaneState lane, Step step) {
    boolean toItself = run.inPlace() && step.kind() == StepKind.COPY && isSamePlace(step);
    if (!toItself) {
      access(lane, step.target(), true, lane.value);
    }
    lane.phase = PUBLISH;
    return true;
  }

  /// Returns whether, in place, source and target of a COPY are the same memory.
  private static boolean isSamePlace(Step step) {
    Operand source = step.source();
    Operand target = step.target();
    return source != null
        && target != null
        && source.index() == target.index()
        && (source.buffer() == Buffer.SCRATCH) == (target.buffer() == Buffer.SCRATCH);
  }

  private boolean publish(LaneState lane, Step step) {
    if (step.kind().sends()) {
      Queue<Long> channel = channel(lane.schedule.rank(), step.sendPeer(), lane.lane);
      if (channel.size() >= run.capacity()) {
        return false;
      }
      channel.add(lane.value);
    }
    if (step.kind().receives() && freesSlotsLate) {
      channel(step.receivePeer(), lane.schedule.rank(), lane.lane).remove();
    }
    lane.phase = READ;
    if (++lane.slice >= Math.max(1, length(step.shape()))) {
      lane.slice = 0;
      lane.step++;
    }
    return true;
  }

  private boolean isDone(int rank, Dependency d) {
    if (d.lane() < 0 || firstLane[rank] + d.lane() >= firstLane[rank + 1]) {
      return false;
    }
    return lanes[firstLane[rank] + d.lane()].step > d.step();
  }

  private Queue<Long> channel(int from, int to, int lane) {
    if (from == to || from >= set.ranks() || to >= set.ranks()) {
      failure = "no channel from " + from + " to " + to;
      return new ArrayDeque<>();
    }
    long key = ((long) lane * set.ranks() + from) * set.ranks() + to;
    return channels.computeIfAbsent(key, k -> new ArrayDeque<>());
  }

  private long length(Operand operand) {
    Partition partition = set.partition();
    return partition.length(operand.index() % partition.chunks(), vector);
  }

  private int offset(Operand operand) {
    int chunks = set.partition().chunks();
    int chunk = operand.index() % chunks;
    int start = Math.toIntExact(set.partition().start(chunk, vector));
    if (set.collective() == Collective.ALL_TO_ALL && operand.buffer() != Buffer.SCRATCH) {
      int n = set.ranks();
      int block = vector / n / n;
      int pair = owner(chunk);
      int other = operand.buffer() == Buffer.INPUT ? pair % n : pair / n;
      return start + (other - pair) * block;
    }
    return operand.index() / chunks * vector + start;
  }

  /// Returns whether a rank has a chunk of a buffer.
  private boolean has(int rank, Operand operand) {
    boolean isRoot = rank == set.root();
    int owner = owner(operand.index());
    int n = set.ranks();
    if (operand.buffer() == Buffer.SCRATCH) {
      return true;
    }
    boolean input = operand.buffer() == Buffer.INPUT;
    return switch (set.collective()) {
      case ALL_REDUCE, BROADCAST, BARRIER, SCAN -> true;
      case ALL_GATHER -> !input || owner == rank;
      case REDUCE_SCATTER -> input || owner == rank;
      case REDUCE -> input || isRoot;
      case GATHER -> input ? owner == rank : isRoot;
      case SCATTER -> input ? isRoot : owner == rank;
      case ALL_TO_ALL -> (input ? owner / n : owner % n) == rank;
      case EXCLUSIVE_SCAN -> input || rank > 0;
    };
  }

  private long @Nullable [] memory(LaneState lane, @Nullable Operand operand) {
    if (operand == null) {
      return null;
    }
    int rank = lane.schedule.rank();
    return switch (operand.buffer()) {
      case INPUT -> input[rank];
      case OUTPUT -> output[rank];
      case SCRATCH -> scratch[rank];
    };
  }

  /// Reads or writes the element of the current slice; does nothing if there is none.
  private long access(LaneState lane, @Nullable Operand operand, boolean write, long value) {
    long[] memory = memory(lane, operand);
    if (operand == null || memory == null || lane.slice >= length(operand)) {
      return 0;
    }
    boolean readOnly = write && operand.buffer() == Buffer.INPUT;
    boolean inside =
        operand.buffer() == Buffer.SCRATCH || operand.index() < set.partition().chunks();
    if (readOnly || !inside || !has(lane.schedule.rank(), operand)) {
      failure = "touches " + operand;
      return 0;
    }
    int index = offset(operand) + lane.slice;
    if (index >= memory.length) {
      failure = "touches " + operand;
      return 0;
    }
    if (write) {
      memory[index] = value;
    }
    return memory[index];
  }

  private void checkEnd() {
    for (LaneState lane : lanes) {
      if (!lane.isDone()) {
        failure = "deadlock";
        return;
      }
    }
    for (Queue<Long> channel : channels.values()) {
      if (!channel.isEmpty()) {
        failure = "left-over message";
        return;
      }
    }
    if (set.collective() == Collective.BARRIER) {
      return;
    }
    Partition partition = set.partition();
    for (int r = 0; r < set.ranks(); r++) {
      for (int c = 0; c < partition.chunks(); c++) {
        int end = Math.toIntExact(partition.length(c, vector));
        for (int e = 0; e < end && hasResult(r, c); e++) {
          if (output[r][offset(Operand.output(c)) + e] != expected(r, c, e)) {
            failure = "wrong element " + e + " of chunk " + c + " of rank " + r;
            return;
          }
        }
      }
    }
  }

  /// Returns the number of the block that a chunk is part of.
  private int owner(int chunk) {
    int n = set.ranks();
    int blocks = set.collective() == Collective.ALL_TO_ALL ? n * n : n;
    return chunk / Math.max(1, set.partition().chunks() / blocks);
  }

  boolean hasResult(int rank, int chunk) {
    return has(rank, Operand.output(chunk));
  }

  /// Returns the number of ranks that a reduction on a rank is over.
  int contributors(int rank) {
    return switch (set.collective()) {
      case SCAN -> rank + 1;
      case EXCLUSIVE_SCAN -> rank;
      default -> set.ranks();
    };
  }

  private long expected(int rank, int chunk, int element) {
    int at = offset(Operand.input(chunk)) + element;
    return switch (set.collective()) {
      case ALL_REDUCE, REDUCE_SCATTER, REDUCE, SCAN, EXCLUSIVE_SCAN -> {
        long sum = 0;
        for (int r = 0; r < contributors(rank); r++) {
          sum += inputs[r][at];
        }
        yield sum;
      }
      case BROADCAST, SCATTER -> inputs[set.root()][at];
      case ALL_GATHER, GATHER -> inputs[owner(chunk)][at];
      case ALL_TO_ALL -> inputs[owner(chunk) / set.ranks()][at];
      case BARRIER -> 0;
    };
  }

  /// Returns the reduction of an element along the canonical tree over ranks `lo` to `hi - 1`.
  long canonical(int element, int lo, int hi) {
    if (hi - lo == 1) {
      return inputs[lo][element];
    }
    int middle = lo + 1;
    while (2 * (middle - lo) < hi - lo) {
      middle = lo + 2 * (middle - lo);
    }
    return operator.applyAsLong(canonical(element, lo, middle), canonical(element, middle, hi));
  }

  /// Runs to the end with the operator as it is, without judging the results.
  void executeOnly() {
    execute();
  }
}
