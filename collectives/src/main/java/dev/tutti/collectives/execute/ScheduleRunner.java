package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.MismatchException;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.Step;
import dev.tutti.collectives.schedule.StepKind;
import dev.tutti.transport.Channel;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// Executes any schedule, slice by slice, over channels.
///
/// The lanes are state machines on one thread: each runs until its step finds no message or no room
/// for one, then the next lane gets its turn. A slice is what one message brings or what one
/// message takes, whichever is less, so the two ends of a fused step may have channels of different
/// kinds. Data are reduced straight out of the arriving message; where they only pass through, they
/// are received where they belong and sent from there.
///
/// **Uneven blocks.** Where sender and receiver each bring a length for a block, a message with the
/// sender's goes ahead of every chunk, and the receiver compares. It takes the place of an empty
/// chunk.
final class ScheduleRunner implements UnevenExchange {
  private final Members members;
  private final int[] names; // member by rank of the schedule
  private final OperandPlaces places;
  private final boolean hasOutput;
  private final Step[][] steps; // [lane][step]
  private final int[][] sources; // [lane][step], numbers of operands
  private final int[][] targets;
  private final boolean[][] exchanged; // [lane][step], whether the first operand is the right one
  private final Channel.@Nullable Receiver[][] receivers; // [lane][step]
  private final Channel.@Nullable Sender[][] senders;
  private boolean running; // owner, as of all that follows: the running thread
  private final int[] stepOf; // current step by lane
  private final long[] doneOf; // elements of the current step done, by lane
  private final long[] consumedOf; // bytes of the oldest message that are used already, by lane
  private final long[] sourceOf; // slice that is being sent from the caller's memory, by lane
  private final int[] sendingOf; // its bytes, -1 for none
  private final boolean[] expectedOf; // the current step has said where its messages belong
  private final boolean[] announcedOf; // the current step's length has been sent or compared

  // This operation's arguments; owned by the running thread.
  private long signature;
  private int elementBytes;
  private boolean announces; // lengths go ahead of the data
  private ReductionKernel kernel;

  /// Makes a runner.
  ///
  /// @param names the member that each rank of the schedule stands for
  /// @param swaps see [dev.tutti.collectives.schedule.RankOrder#exchanged]
  ScheduleRunner(
      Members members,
      int[] names,
      Schedule schedule,
      BitSet swaps,
      ScratchMemory scratch,
      ReductionKernel anyKernel) {
    this.members = members;
    this.names = names.clone();
    this.places = new OperandPlaces(schedule, scratch);
    this.hasOutput = places.hasOutput();
    this.kernel = anyKernel;
    int lanes = schedule.lanes().size();
    this.steps = new Step[lanes][];
    this.sources = new int[lanes][];
    this.targets = new int[lanes][];
    this.exchanged = new boolean[lanes][];
    this.receivers = new Channel.Receiver[lanes][];
    this.senders = new Channel.Sender[lanes][];
    this.stepOf = new int[lanes];
    this.doneOf = new long[lanes];
    this.consumedOf = new long[lanes];
    this.sourceOf = new long[lanes];
    this.sendingOf = new int[lanes];
    this.expectedOf = new boolean[lanes];
    this.announcedOf = new boolean[lanes];
    int number = 0; // of a step, lane after lane
    for (int lane = 0; lane < lanes; lane++) {
      Step[] list = schedule.lanes().get(lane).steps().toArray(Step[]::new);
      steps[lane] = list;
      receivers[lane] = new Channel.Receiver[list.length];
      senders[lane] = new Channel.Sender[list.length];
      sources[lane] = new int[list.length];
      targets[lane] = new int[list.length];
      exchanged[lane] = new boolean[list.length];
      for (int s = 0; s < list.length; s++) {
        exchanged[lane][s] = swaps.get(number++);
        sources[lane][s] = places.of(list[s].source());
        targets[lane][s] = places.of(list[s].target());
        if (list[s].kind().receives()) {
          receivers[lane][s] = members.channels().from(names[list[s].receivePeer()], lane);
        }
        if (list[s].kind().sends()) {
          senders[lane][s] = members.channels().to(names[list[s].sendPeer()], lane);
        }
      }
    }
  }

  @Override
  public String form(long vectorBytes) {
    return "interpreted";
  }

  @Override
  public void run(
      long what,
      long send,
      long receive,
      long count,
      int bytesPerElement,
      ReductionKernel arithmetic,
      int divisor,
      int root) {
    members.enter(what);
    runEntered(what, send, receive, count, bytesPerElement, arithmetic);
    members.leave();
    if (divisor > 1 && hasOutput) {
      kernel.divide(receive, receive, count, divisor);
    }
  }

  /// Runs as part of an operation that this member has entered and will leave, after which it may
  /// divide; the rest as for [#run].
  void runEntered(
      long what,
      long send,
      long receive,
      long count,
      int bytesPerElement,
      ReductionKernel arithmetic) {
    places.place(send, receive, count, bytesPerElement);
    announces = false;
    interpret(what, bytesPerElement, arithmetic);
  }

  @Override
  public void runUneven(
      long what,
      long send,
      long receive,
      BlockLayout blocks,
      int bytesPerElement,
      ReductionKernel arithmetic,
      int divisor,
      int root) {
    places.place(send, receive, blocks, bytesPerElement);
    announces = blocks.needsAnnouncements();
    members.enter(what);
    interpret(what, bytesPerElement, arithmetic);
    members.leave();
    if (divisor > 1) {
      kernel.divide(receive, receive, blocks.receive().counts()[0], divisor); // a reduce-scatter's
    }
  }

  /// Runs the schedule on blocks of different lengths, which all ranks know, as a part of an
  /// operation that has been entered. Nothing is divided.
  void runWithin(
      long what,
      long send,
      long receive,
      BlockLayout blocks,
      int bytesPerElement,
      ReductionKernel arithmetic) {
    places.place(send, receive, blocks, bytesPerElement);
    announces = false;
    interpret(what, bytesPerElement, arithmetic);
  }

  private void interpret(long what, int bytesPerElement, ReductionKernel arithmetic) {
    signature = what;
    elementBytes = bytesPerElement;
    kernel = arithmetic;
    running = true;
    runLanes();
    running = false;
  }

  /// Returns a member that the operation that runs cannot go on without, -1 if there is none. For
  /// the thread that runs it.
  int awaited() {
    for (int lane = 0; running && lane < steps.length; lane++) {
      if (stepOf[lane] < steps[lane].length) {
        Step step = steps[lane][stepOf[lane]];
        if (isBegun(lane) || isReady(step)) {
          return names[step.kind().receives() ? step.receivePeer() : step.sendPeer()];
        }
      }
    }
    return -1;
  }

  private void runLanes() {
    int lanes = steps.length;
    for (int lane = 0; lane < lanes; lane++) {
      stepOf[lane] = 0;
      doneOf[lane] = 0;
      consumedOf[lane] = 0;
      sendingOf[lane] = -1;
      expectedOf[lane] = false;
      announcedOf[lane] = false;
    }
    int round = 0;
    long waitStart = 0;
    while (true) {
      boolean progress = false;
      boolean finished = true;
      for (int lane = 0; lane < lanes; lane++) {
        progress |= advance(lane);
        finished &= stepOf[lane] == steps[lane].length;
      }
      if (finished) {
        return;
      }
      if (progress) {
        round = 0;
        waitStart = 0;
        members.wakePeers();
      } else if (members.progress()) {
        round = 0;
        waitStart = 0;
      } else {
        waitStart = members.idle(round++, waitStart);
      }
    }
  }

  /// Runs a lane until it can go no further; returns whether it got anywhere.
  private boolean advance(int lane) {
    boolean progress = false;
    while (stepOf[lane] < steps[lane].length) {
      Step step = steps[lane][stepOf[lane]];
      if ((!isBegun(lane) && !isReady(step)) || !runSlice(lane, step)) {
        return progress;
      }
      progress = true;
    }
    return progress;
  }

  private boolean isBegun(int lane) {
    return doneOf[lane] > 0 || expectedOf[lane] || announcedOf[lane] || sendingOf[lane] >= 0;
  }

  private boolean isReady(Step step) {
    for (int i = 0; i < step.after().size(); i++) {
      Dependency dependency = step.after().get(i);
      if (stepOf[dependency.lane()] <= dependency.step()) {
        return false;
      }
    }
    return true;
  }

  /// Runs the next slice of a lane's current step; returns false if it has to wait.
  private boolean runSlice(int lane, Step step) {
    if (announces && !announcedOf[lane]) {
      return announce(lane, step);
    }
    int s = stepOf[lane];
    Channel.Sender sender = senders[lane][s];
    if (sendingOf[lane] >= 0 && sender != null) {
      return sendSlice(lane, sender);
    }
    Channel.Receiver receiver = receivers[lane][s];
    long elements = length(lane) - doneOf[lane];
    long received = 0;
    if (receiver != null) {
      received = poll(lane, step, receiver);
      if (received == Channel.NONE) {
        return false;
      }
      elements = Math.min(elements, (receiver.receivedBytes() - consumedOf[lane]) / elementBytes);
    }
    long slot = 0;
    if (sender != null) {
      elements = Math.min(elements, sender.slotBytes() / elementBytes);
      if (step.kind() == StepKind.RECV_REDUCE_SEND) {
        slot = sender.claim();
        if (slot == Channel.NONE) {
          return false;
        }
      }
    }
    apply(lane, step.kind(), elements, received, slot);
    if (receiver != null) {
      consumedOf[lane] += elements * elementBytes;
      if (consumedOf[lane] == receiver.receivedBytes()) {
        receiver.release();
        consumedOf[lane] = 0;
      }
    }
    if (sender != null && slot == 0) {
      int from = step.kind() == StepKind.SEND ? sources[lane][s] : targets[lane][s];
      sourceOf[lane] = places.address(from) + doneOf[lane] * elementBytes;
      sendingOf[lane] = (int) (elements * elementBytes);
      boolean _ = sendSlice(lane, sender);
      return true;
    }
    if (sender != null) {
      sender.publish((int) (elements * elementBytes));
    }
    endSlice(lane, elements);
    return true;
  }

  /// Sends the slice under way; returns whether that is done.
  private boolean sendSlice(int lane, Channel.Sender sender) {
    if (!sender.send(sourceOf[lane], sendingOf[lane])) {
      return false;
    }
    long elements = sendingOf[lane] / elementBytes;
    sendingOf[lane] = -1;
    endSlice(lane, elements);
    return true;
  }

  private void endSlice(int lane, long elements) {
    doneOf[lane] += elements;
    if (doneOf[lane] >= length(lane)) {
      stepOf[lane]++;
      doneOf[lane] = 0;
      expectedOf[lane] = false;
      announcedOf[lane] = false;
    }
  }

  /// Sends the length of the current step's chunk ahead of it, or compares what arrives with what
  /// is expected; returns false if it has to wait.
  private boolean announce(int lane, Step step) {
    long length = length(lane);
    Channel.Sender sender = senders[lane][stepOf[lane]];
    Channel.Receiver receiver = receivers[lane][stepOf[lane]];
    if (sender != null) {
      long slot = sender.claim();
      if (slot == Channel.NONE) {
        return false;
      }
      Memory.putLong(slot, length);
      sender.publish(Long.BYTES);
    } else if (receiver != null) {
      long slot = receiver.poll();
      if (slot == Channel.NONE) {
        return false;
      }
      long sent = Memory.getLong(slot);
      receiver.release();
      if (sent != length) {
        throw mismatch(names[step.receivePeer()], sent, length);
      }
    }
    announcedOf[lane] = true;
    if (length == 0) {
      endSlice(lane, 0);
    }
    return true;
  }

  private MismatchException mismatch(int peer, long sent, long expected) {
    return new MismatchException(
        "ranks disagree on operation "
            + members.operation()
            + ", "
            + Signature.describe(signature)
            + ": rank "
            + peer
            + " sends "
            + sent
            + " elements to rank "
            + members.index()
            + ", which expects "
            + expected,
        members.index(),
        members.operation(),
        null);
  }

  /// Returns where the data that arrived for a step lie, NONE if there are none.
  private long poll(int lane, Step step, Channel.Receiver receiver) {
    if (!expectedOf[lane]) {
      expectedOf[lane] = true;
      if (step.kind() == StepKind.RECV || step.kind() == StepKind.RECV_FORWARD) {
        long bytes = length(lane) * elementBytes;
        long target = places.address(targets[lane][stepOf[lane]]);
        members.settle(target, bytes);
        receiver.expect(target, bytes);
      }
    }
    long message = receiver.poll();
    return message == Channel.NONE ? message : message + consumedOf[lane];
  }

  /// Returns the number of elements of the current step.
  private long length(int lane) {
    int s = stepOf[lane];
    int target = targets[lane][s];
    return places.length(target >= 0 ? target : sources[lane][s]);
  }

  private void apply(int lane, StepKind kind, long elements, long received, long slot) {
    int s = stepOf[lane];
    long done = doneOf[lane] * elementBytes;
    long bytes = elements * elementBytes;
    long source = places.address(sources[lane][s]) + done;
    long target = places.address(targets[lane][s]) + done;
    switch (kind) {
      case SEND -> {}
      case COPY -> copy(target, source, bytes);
      case RECV, RECV_FORWARD -> copy(target, received, bytes);
      case REDUCE -> combine(lane, target, target, source, elements);
      case RECV_REDUCE, RECV_REDUCE_FORWARD -> combine(lane, target, source, received, elements);
      case RECV_REDUCE_SEND -> combineOrdered(lane, slot, source, received, elements);
    }
  }

  private void copy(long target, long source, long bytes) {
    if (target != source) {
      members.settle(target, bytes);
      Memory.copy(target, source, bytes);
    }
  }

  private void combine(int lane, long target, long first, long second, long elements) {
    members.settle(target, elements * elementBytes);
    combineOrdered(lane, target, first, second, elements);
  }

  private void combineOrdered(int lane, long target, long first, long second, long elements) {
    if (exchanged[lane][stepOf[lane]]) {
      kernel.combine(target, second, first, elements);
    } else {
      kernel.combine(target, first, second, elements);
    }
  }
}
