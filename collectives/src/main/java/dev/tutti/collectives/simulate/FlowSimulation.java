package dev.tutti.collectives.simulate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Plays a [Program]: every lane runs step after step, messages flow slice by slice.
///
/// - A step starts when the one before it in its lane and those it waits for are complete, and not
///   before its rank begins.
/// - Messages of one pair of ranks take turns, a slice at a time, first come, first served; those
///   of different pairs flow at once and share resources ([FlowNetwork]). What arrives does so one
///   latency after it has left.
/// - A rank's processor serves one thing after the other: half of the cost of a message at its
///   sender, half at its receiver, γ for each reduced byte, copies.
/// - A step that passes data on gives out each slice as soon as the processor is through with it.
///   It takes in no more than `slots` slices that it has not given out; a step that has not
///   started, no more than `slots` at all. A step that only takes in has no limit once it has
///   started, and slices that are ready then flow as one.
/// - A sending step is complete when its last slice has left, or before that if what has not left
///   fits into the system's buffer; a receiving one when it has processed the last; a step that
///   does both, when both are so.
///
/// Simultaneous events are handled together, in the order of pairs and steps, so equal input gives
/// equal output to the last bit.
final class FlowSimulation {
  private static final int READY = 0; // a sending step has paid for its message
  private static final int ARRIVED = 1; // slices of the sending step have arrived
  private static final int PROCESSED = 2; // slices of the receiving step
  private static final int DONE = 3; // a step without a message
  private static final int BEGINS = 4; // the rank of a step that waits for no other one
  private static final int KIND_SHIFT = 28;
  private static final int COUNT_MASK = (1 << KIND_SHIFT) - 1;
  private static final double SIMULTANEOUS = 1e-12; // of the time
  private static final byte STARTED = 1;
  private static final byte QUEUED = 2; // waits for its pair's turn
  private static final byte FLOWING = 4;
  private static final byte COMPLETE = 8;
  private static final byte BUFFERED = 16; // complete before it has left

  private final Program program;
  private final FlowNetwork network;
  private final @Nullable Bursts bursts;
  private final double[] latency; // by pair
  private final double[] chunkBytes;
  private final int[] chunkSlices;
  private final SimulationOptions options;
  private final @Nullable MessageListener listener;

  private final int[] waits; // by step
  private final byte[] state;
  private final int[] ready; // by sending step: slices that may leave
  private final int[] launched; // slices that have begun to flow
  private final int[] left; // slices that have left
  private final int[] arrived; // by receiving step: slices
  private final int[] taken; // slices that the processor has or had
  private final int[] processed; // slices through
  private final int[] ahead; // by channel: slices that came before their step started
  private final double[] firstLeft; // by sending step, only if somebody listens

  private final int[] current; // by pair: the step that flows, -1 if none
  private final int[] burst; // by pair: slices that flow
  private final double[] backlog; // by pair: bytes that may leave and have not
  private final int[] firstInQueue; // by pair, -1 if none
  private final int[] lastInQueue;
  private final int[] nextInQueue; // by step
  private final double[] processorFree; // by rank
  private final EventQueue events = new EventQueue();
  private final IntList starting = new IntList(); // steps
  private final IntList turns = new IntList(); // pairs that may begin a flow

  private double now;
  private int complete;
  private long flows;
  private long messages;
  private double bytes;

  FlowSimulation(
      Program program,
      Sharing.Shared shared,
      @Nullable Bursts bursts,
      double[] chunkBytes,
      int[] chunkSlices,
      SimulationOptions options,
      @Nullable MessageListener listener) {
    this.program = program;
    this.network = shared.network();
    this.bursts = bursts;
    this.latency = shared.latencySeconds();
    this.chunkBytes = chunkBytes;
    this.chunkSlices = chunkSlices;
    this.options = options;
    this.listener = listener;
    int steps = program.steps;
    waits = program.waits.clone();
    state = new byte[steps];
    ready = new int[steps];
    launched = new int[steps];
    left = new int[steps];
    arrived = new int[steps];
    taken = new int[steps];
    processed = new int[steps];
    nextInQueue = new int[steps];
    firstLeft = new double[listener == null ? 0 : steps];
    ahead = new int[program.channels];
    int pairs = latency.length;
    current = new int[pairs];
    burst = new int[pairs];
    backlog = new double[pairs];
    firstInQueue = new int[pairs];
    lastInQueue = new int[pairs];
    Arrays.fill(current, -1);
    Arrays.fill(firstInQueue, -1);
    processorFree = new double[program.unit];
  }

  /// Runs until nothing happens any more.
  ///
  /// @return seconds until the last step was complete
  /// @throws IllegalArgumentException if the schedule gets stuck
  double run() {
    for (int s = 0; s < program.steps; s++) {
      if (waits[s] == 0) {
        begin(s);
      }
    }
    double finish = 0;
    while (true) {
      drain();
      network.settle(now);
      double next = Math.min(network.earliestEnd(), events.earliest());
      if (next == Double.POSITIVE_INFINITY) {
        break;
      }
      now = Math.max(now, next);
      finish = now;
      double until = now * (1 + SIMULTANEOUS);
      while (network.earliestEnd() <= until) {
        int p = network.firstToEnd();
        network.end(p);
        leave(p);
      }
      while (events.earliest() <= until) {
        int step = events.firstStep();
        int what = events.firstWhat();
        events.removeFirst();
        handle(step, what >>> KIND_SHIFT, what & COUNT_MASK);
      }
    }
    if (complete < program.steps) {
      throw new IllegalArgumentException(stuck());
    }
    return finish;
  }

  /// Starts a step that waits for no other one as soon as its rank is there.
  private void begin(int step) {
    double arrival = options.lateSeconds(program.machine[step]);
    if (arrival > 0) {
      after(arrival, step, BEGINS, 0);
    } else {
      starting.add(step);
    }
  }

  long flows() {
    return flows;
  }

  long messages() {
    return messages;
  }

  /// Returns the bytes that all messages carried.
  double bytes() {
    return bytes;
  }

  private void drain() {
    while (!starting.isEmpty() || !turns.isEmpty()) {
      for (int i = 0; i < starting.size(); i++) { // grows on the way
        start(starting.get(i));
      }
      starting.clear();
      for (int i = 0; i < turns.size(); i++) {
        beginFlow(turns.get(i));
      }
      turns.clear();
    }
  }

  private void handle(int step, int what, int count) {
    switch (what) {
      case READY -> mayLeave(step, slices(step));
      case ARRIVED -> arrive(step, count);
      case PROCESSED -> process(step, count);
      case DONE -> complete(step);
      case BEGINS -> starting.add(step);
      default -> throw new AssertionError(what);
    }
  }

  private void start(int step) {
    state[step] |= STARTED;
    if (program.receives(step)) {
      int sender = program.feed[step];
      ahead[program.channel[sender]] -= launched[sender];
      if (arrived[step] > 0) {
        take(step);
      }
      offer(sender);
    } else if (program.sends(step)) {
      double cost = options.messageSeconds() / 2;
      if (cost == 0) {
        mayLeave(step, slices(step));
      } else {
        after(busy(step, cost), step, READY, 0);
      }
    } else {
      double perByte =
          program.reduces(step) ? options.reduceSecondsPerByte() : options.copySecondsPerByte();
      double cost = perByte * chunkBytes[program.chunk[step]];
      if (cost == 0) {
        complete(step);
      } else {
        after(busy(step, cost), step, DONE, 0);
      }
    }
  }

  /// Gives the processor of a step's rank something to do; returns when it is done.
  private double busy(int step, double seconds) {
    int rank = program.machine[step];
    processorFree[rank] = Math.max(processorFree[rank], now) + seconds;
    return processorFree[rank];
  }

  private void after(double when, int step, int what, int count) {
    events.add(when, step, (what << KIND_SHIFT) | count);
  }

  /// Lets slices of a sending step leave. If what waits to leave fits into the buffer of the
  /// system, the rank need not wait until it has.
  private void mayLeave(int step, int count) {
    int p = program.pair[step];
    backlog[p] += sliceBytes(step) * (count - ready[step]);
    ready[step] = count;
    if (count == slices(step) && backlog[p] <= options.messages().bufferBytes()) {
      state[step] |= BUFFERED;
      complete(step);
    }
    offer(step);
  }

  private double sliceBytes(int step) {
    return chunkBytes[program.chunk[step]] / slices(step);
  }

  private int slices(int step) {
    return chunkSlices[program.chunk[step]];
  }

  /// Returns how many slices of a sending step may flow now, as one.
  private int launchable(int step) {
    int available = ready[step] - launched[step];
    if (available <= 0) {
      return 0;
    }
    int sink = program.sink[step];
    boolean bySlice = isTakenBySlice(sink);
    int room = Integer.MAX_VALUE;
    if ((state[sink] & STARTED) == 0) {
      room = options.slots() - ahead[program.channel[step]];
    } else if (program.sends(sink)) {
      room = options.slots() - (launched[step] - left[sink]);
    }
    return Math.min(Math.max(room, 0), bySlice ? 1 : available);
  }

  /// Tells whether a receiving step does something with each slice while others are on their way.
  private boolean isTakenBySlice(int sink) {
    return program.sends(sink) || (program.reduces(sink) && options.reduceSecondsPerByte() > 0);
  }

  /// Puts a sending step into the queue of its pair if there is something that may flow.
  private void offer(int step) {
    if ((state[step] & (QUEUED | FLOWING)) != 0 || launchable(step) == 0) {
      return;
    }
    int p = program.pair[step];
    state[step] |= QUEUED;
    nextInQueue[step] = -1;
    if (firstInQueue[p] < 0) {
      firstInQueue[p] = step;
    } else {
      nextInQueue[lastInQueue[p]] = step;
    }
    lastInQueue[p] = step;
    if (current[p] < 0) {
      turns.add(p);
    }
  }

  private void beginFlow(int p) {
    if (current[p] >= 0 || firstInQueue[p] < 0) {
      return;
    }
    int step = firstInQueue[p];
    firstInQueue[p] = nextInQueue[step];
    int count = launchable(step); // room never shrinks while a step waits for its turn
    state[step] = (byte) ((state[step] & ~QUEUED) | FLOWING);
    if ((state[program.sink[step]] & STARTED) == 0) {
      ahead[program.channel[step]] += count;
    }
    if (launched[step] == 0 && listener != null) {
      firstLeft[step] = now;
    }
    launched[step] += count;
    current[p] = step;
    burst[p] = count;
    flows++;
    double size = sliceBytes(step) * count;
    if (bursts != null) {
      size -= bursts.begin(p, size, now);
    }
    if (size == 0) {
      leave(p);
    } else {
      network.begin(p, size, now);
    }
  }

  /// The slices that flow from one rank to another have left.
  private void leave(int p) {
    int step = current[p];
    int count = burst[p];
    if (bursts != null) {
      bursts.end(p, now);
    }
    current[p] = -1;
    state[step] &= ~FLOWING;
    left[step] += count;
    backlog[p] -= sliceBytes(step) * count;
    if (latency[p] == 0) {
      arrive(step, count);
    } else {
      after(now + latency[p], step, ARRIVED, count);
    }
    if (program.feed[step] >= 0) {
      offer(program.feed[step]); // a slot is free
    }
    if (left[step] == slices(step)) {
      if ((state[step] & BUFFERED) == 0) {
        complete(step);
      }
    } else {
      offer(step);
    }
    if (firstInQueue[p] >= 0) {
      turns.add(p);
    }
  }

  private void arrive(int step, int count) {
    int sink = program.sink[step];
    arrived[sink] += count;
    if (arrived[sink] == slices(sink)) {
      messages++;
      bytes += chunkBytes[program.chunk[step]];
      if (listener != null) {
        tell(step, listener);
      }
    }
    if ((state[sink] & STARTED) != 0) {
      take(sink);
    }
  }

  private void tell(int step, MessageListener to) {
    int p = program.pair[step];
    int chunk = program.chunk[step];
    to.message(
        program.sender(p),
        program.receiver(p),
        program.laneNumber(step),
        chunk,
        chunkBytes[chunk],
        firstLeft[step],
        now);
  }

  /// Gives the processor the slices that have arrived for a started step.
  private void take(int sink) {
    int count = arrived[sink] - taken[sink];
    boolean passesOn = program.sends(sink);
    double once = 0;
    if (taken[sink] == 0) {
      once = passesOn ? options.messageSeconds() : options.messageSeconds() / 2;
    }
    double each =
        program.reduces(sink)
            ? options.reduceSecondsPerByte() * chunkBytes[program.chunk[sink]] / slices(sink)
            : 0;
    boolean idle = processed[sink] == taken[sink];
    taken[sink] += count;
    if (once + each == 0 && idle) {
      process(sink, count);
    } else if (passesOn && count > 1) { // each slice goes on as soon as it can
      after(busy(sink, once + each), sink, PROCESSED, 1);
      for (int i = 1; i < count; i++) {
        after(busy(sink, each), sink, PROCESSED, 1);
      }
    } else {
      after(busy(sink, once + each * count), sink, PROCESSED, count);
    }
  }

  private void process(int sink, int count) {
    processed[sink] += count;
    if (program.sends(sink)) {
      mayLeave(sink, processed[sink]);
    } else if (processed[sink] == slices(sink)) {
      complete(sink);
    }
  }

  private void complete(int step) {
    complete++;
    state[step] |= COMPLETE;
    if (!program.isLast(step) && --waits[step + 1] == 0) {
      starting.add(step + 1);
    }
    for (int f = program.followStart[step]; f < program.followStart[step + 1]; f++) {
      if (--waits[program.followers[f]] == 0) {
        starting.add(program.followers[f]);
      }
    }
  }

  private String stuck() {
    int step = 0;
    while ((state[step] & COMPLETE) != 0 || waits[step] > 0) {
      step++;
    }
    return "the schedule gets stuck with "
        + options.slots()
        + " slots: rank "
        + program.machine[step]
        + " waits for ever in a "
        + program.kind(step)
        + " of lane "
        + program.laneNumber(step);
  }
}
